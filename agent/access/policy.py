"""Who may ask bandstand-apply for what: by the user, the claim, the login and the boot.

unclaimed -> claimed without a password -> claimed: the node administrator's password opens the rest
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from agent.errors import RefusedByPeer
from agent.typed import Any, NamedTuple
from agent.values.json_object import object_of
from agent.values.words import is_unset

# The setting whose new value lets somebody in, and the one that a password is typed by.
UNLOCKING, TYPED_BY = "node.admin_password", "node.keyboard"
NO_ARGS: Mapping[str, Any] = MappingProxyType({})


class Caller(StrEnum):
    """The users whom the socket lets in."""

    ROOT = "root"
    AGENT = "bandstand"
    PORTAL = "bandstand-portal"
    CONSOLE = "bandstand-console"


class Need(StrEnum):
    """What the console needs once the node is claimed; before that all but NEVER and CLAIM."""

    NEVER = "never"
    STATUS = "status"  # nothing, even where the console is turned off
    NOTHING = "nothing"
    LOGIN = "login"
    CLAIM = "claim"  # a login, and before the claim it is closed


class Standing(NamedTuple):
    """What is so for one request of the console."""

    claimed_by: str = ""
    has_password: bool = False
    is_logged_in: bool = False
    is_recovery: bool = False
    is_console_off: bool = False

    @property
    def is_claimed(self) -> bool:
        return bool(self.claimed_by)

    @property
    def wants_password(self) -> bool:
        """Claimed, and nobody can log in: whoever is at the console is to set one first."""
        return self.is_claimed and not self.has_password and not self.is_console_off


class Rule(NamedTuple):
    """`about` completes "asks for"; root may ask for all, others who are named."""

    about: str
    need: Need = Need.NEVER
    others: frozenset[Caller] = frozenset()
    in_recovery: bool = False


class Verdict(NamedTuple):
    """`refused` says why not; `by_recovery` where nothing else allows it."""

    refused: RefusedByPeer | None = None
    by_recovery: bool = False


_AGENT, _BOTH = frozenset({Caller.AGENT}), frozenset({Caller.AGENT, Caller.PORTAL})

RULES: Mapping[str, Rule] = {
    "access": Rule("who may do what now", Need.STATUS, _BOTH),
    "certificate.install": Rule("another web certificate", Need.LOGIN),
    "certificate.renew": Rule("a self-signed certificate made again", Need.LOGIN, _AGENT),
    "certificate.reset": Rule("the built-in certificate again", Need.LOGIN),
    "change": Rule("what the cluster shares in force", Need.NEVER, _AGENT),
    "check": Rule("a look at all connections", Need.LOGIN),
    "code": Rule("the one-time code, while there is one", Need.NOTHING),
    "editing": Rule("a form for oneself alone", Need.LOGIN, in_recovery=True),
    "factory-reset": Rule("the node as it was delivered", Need.LOGIN, in_recovery=True),
    "firewall": Rule("the accepted firewall once more", Need.LOGIN),
    "join": Rule("joining a cluster by a join string", Need.LOGIN),
    "login": Rule("a login by password", Need.NOTHING),
    "logout": Rule("its end", Need.NOTHING),
    "network-confirm": Rule("what is tried to be kept", Need.LOGIN, in_recovery=True),
    "network-set": Rule("other settings of the network", Need.LOGIN, in_recovery=True),
    "network-trial": Rule("how the trial of the network stands", Need.NOTHING),
    "network-undo": Rule("the network as it was before", Need.LOGIN, in_recovery=True),
    "node-set": Rule("other settings of the node", Need.LOGIN),
    "node-undo": Rule("the settings before the last change of them", Need.LOGIN),
    "power": Rule("a restart or power off", Need.LOGIN),
    "publish": Rule("vSphere told how this node stands", Need.NEVER, _AGENT),
    "recovery-seen": Rule("the word on a recovery put away", Need.LOGIN),
    "restart": Rule("one of the node's services anew", Need.LOGIN),
    "secrets": Rule("which properties hold a secret still", Need.LOGIN),
    "settings": Rule("what is accepted, without secrets", Need.LOGIN, in_recovery=True),
    "shell": Rule("a shell while root has it open, or its end", Need.CLAIM),
    "status": Rule("how the node's units stand", Need.STATUS, _BOTH),
    "support": Rule("a support bundle", Need.LOGIN),
}


def judge(user: str, verb: str, args: Mapping[str, Any], standing: Standing) -> Verdict:
    """Of a verb that there is."""
    rule = RULES[verb]
    if user == Caller.ROOT or user in rule.others:
        return Verdict()
    if user != Caller.CONSOLE or rule.need is Need.NEVER:
        return Verdict(_forbidden(f"the user {user} may not ask for {verb}", "ask as root"))
    return _at_console(rule, verb, args, standing)


def renews_login(verb: str) -> bool:
    """What anybody may ask is asked all the time, by a console that nobody sits at."""
    return RULES[verb].need in (Need.LOGIN, Need.CLAIM)


def _at_console(rule: Rule, verb: str, args: Mapping[str, Any], standing: Standing) -> Verdict:
    if not standing.is_claimed:
        return _before_the_claim(rule)
    if standing.is_recovery and not standing.is_logged_in and _is_for_recovery(rule, verb, args):
        return Verdict(by_recovery=True)
    if rule.need is Need.STATUS or _lets_go(verb, args):
        return Verdict()
    if standing.is_console_off:
        said = "the console of this node is turned off (node.console), and shows its status only"
        return Verdict(_forbidden(said, "the command bandstand has the same verbs"))
    if rule.need is Need.NOTHING or standing.is_logged_in:
        return Verdict()
    if standing.wants_password and _leads_in(verb, args):
        return Verdict()
    return Verdict(_login_first(wants_password=standing.wants_password))


def _before_the_claim(rule: Rule) -> Verdict:
    if rule.need is not Need.CLAIM:
        return Verdict()
    said = "a shell opens only once this node is claimed: somebody made or joined a cluster with it"
    return Verdict(_forbidden(said, "everything else is open until then"))


def _is_for_recovery(rule: Rule, verb: str, args: Mapping[str, Any]) -> bool:
    return rule.in_recovery or _leads_in(verb, args)


def _lets_go(verb: str, args: Mapping[str, Any]) -> bool:
    """Of a form: also by one whose login ended meanwhile."""
    return verb == "editing" and args.get("done") is True


def _leads_in(verb: str, args: Mapping[str, Any]) -> bool:
    """A password alone, and one that there is: to take it away is no way in; or a keymap alone,
    which whoever may set the password is to type it by.
    """
    settings = object_of(args.get("settings"))
    if verb != "node-set" or len(settings) != 1:
        return False
    key, text = next(iter(settings.items()))
    return isinstance(text, str) and (key == TYPED_BY or (key == UNLOCKING and not is_unset(text)))


def _forbidden(said: str, hint: str) -> RefusedByPeer:
    return RefusedByPeer(said, hint=hint, code="forbidden")


def _login_first(*, wants_password: bool) -> RefusedByPeer:
    if wants_password:
        said = "the node administrator, the account admin, has no password yet: set one first"
        hint = "it may be set here and now, and opens the rest"
    else:
        said = "this needs the password of the node administrator, the account admin"
        hint = "log in; who lost it starts the machine as Bandstand recovery, by the boot menu"
    return RefusedByPeer(said, hint=hint, code="login")
