"""The closed table of what bandstand-apply does; who may ask it stands in agent.access.policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.access import policy
from agent.access.policy import Caller, Standing, Verdict
from agent.access.session import Session
from agent.apply.asker import Asker
from agent.ask.serve import Peer, TellStep
from agent.ask.wire import Request
from agent.audit.trail import Deed, record
from agent.errors import BandstandError, UsageError
from agent.settings.secret import MASK
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import is_object, object_of
from agent.values.words import is_private_key

# Whatever they say is not to be written down.
_SECRET_ARGS = frozenset({"join", "password"})
# Of these only the keys are; what is no object has none.
_OBJECTS = frozenset({"settings", "shared"})

Act = Callable[[Host, Mapping[str, Any], TellStep], dict[str, Any]]
ActFor = Callable[[Host, Mapping[str, Any], TellStep, Asker], dict[str, Any]]


# A verb imports what it needs when it is asked: most processes live for one request.
def _access(host: Host, _: Mapping[str, Any], __: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import access

    return access.access(host, asker, VERBS)


def _certificate_install(host: Host, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import certificate

    return certificate.install(host, args, tell)


def _certificate_renew(host: Host, _: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import certificate

    return certificate.renew(host, tell)


def _certificate_reset(host: Host, _: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import certificate

    return certificate.reset(host, tell)


def _change(host: Host, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import change

    return change.change(host, args, tell)


def _check(host: Host, _: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import check

    return check.check(host, tell)


def _code(host: Host, args: Mapping[str, Any], _: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import access

    return access.code(host, args, asker)


def _editing(host: Host, args: Mapping[str, Any], _: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import editing

    result = editing.edit(host, args, asker.peer)
    if args.get("take_over") is True:
        _record(host, Request("editing", args), asker, "done")
    return result


def _factory_reset(host: Host, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    from agent.apply import reset

    return reset.reset(host, args)


def _firewall(host: Host, _: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import firewall

    return firewall.reload(host, tell)


def _join(host: Host, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import join

    return join.join(host, args, tell)


def _login(host: Host, args: Mapping[str, Any], _: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import access

    return access.login(host, args, asker.session)


def _logout(_: Host, __: Mapping[str, Any], ___: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import access

    return access.logout(asker.session)


def _network_confirm(host: Host, _: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import network

    return network.confirm(network.turn_of(host, tell))


def _network_set(host: Host, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import network

    return network.attempt(network.turn_of(host, tell), args)


def _network_trial(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import network

    return network.show(host)


def _network_undo(host: Host, _: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import network

    return network.undo(network.turn_of(host, tell))


def _node_set(host: Host, args: Mapping[str, Any], tell: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import node

    return node.set_node(host, args, tell, face=asker.face)


def _node_undo(host: Host, _: Mapping[str, Any], tell: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import node

    return node.undo(host, tell, face=asker.face)


def _power(host: Host, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    from agent.apply import power

    return power.power(host, args)


def _publish(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import publish

    return publish.publish(host)


def _recovery_seen(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import access

    return access.recovery_seen(host)


def _restart(host: Host, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    from agent.apply import restart

    return restart.restart(host, args)


def _secrets(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import standing

    return standing.secrets(host)


def _settings(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import settings

    return settings.settings(host)


def _shell(host: Host, args: Mapping[str, Any], _: TellStep, asker: Asker) -> dict[str, Any]:
    from agent.apply import access

    return access.shell(host, args, asker)


def _status(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import status

    return status.status(host)


def _support(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import support

    return support.support(host)


@dataclass(frozen=True)
class Verb:
    """What is done, and the arguments it knows. What programs ask by themselves, again and again,
    is written down only where it is refused or fails.
    """

    act: Act
    args: frozenset[str] = frozenset()
    is_audited: bool = True


@dataclass(frozen=True)
class VerbFor:
    """The same for what is done otherwise for one who asks than for another."""

    act: ActFor
    args: frozenset[str] = frozenset()
    is_audited: bool = True


VERBS: Mapping[str, Verb | VerbFor] = {
    "access": VerbFor(_access, is_audited=False),
    "certificate.install": Verb(_certificate_install, frozenset({"settings"})),
    "certificate.renew": Verb(_certificate_renew),
    "certificate.reset": Verb(_certificate_reset),
    "change": Verb(_change, frozenset({"membership", "shared"})),
    "check": Verb(_check),
    # These two write down themselves what is to be written down.
    "code": VerbFor(_code, frozenset({"new"}), is_audited=False),
    "editing": VerbFor(_editing, frozenset({"done", "form", "take_over"}), is_audited=False),
    "factory-reset": Verb(_factory_reset, frozenset({"name"})),
    "firewall": Verb(_firewall),
    "join": Verb(_join, frozenset({"join"})),
    "login": VerbFor(_login, frozenset({"password"})),
    "logout": VerbFor(_logout),
    "network-confirm": Verb(_network_confirm),
    "network-set": Verb(_network_set, frozenset({"settings", "attended", "within_s"})),
    "network-trial": Verb(_network_trial, is_audited=False),
    "network-undo": Verb(_network_undo),
    "node-set": VerbFor(_node_set, frozenset({"settings"})),
    "node-undo": VerbFor(_node_undo),
    "power": Verb(_power, frozenset({"act"})),
    "publish": Verb(_publish, is_audited=False),
    "recovery-seen": Verb(_recovery_seen),
    "restart": Verb(_restart, frozenset({"unit"})),
    "secrets": Verb(_secrets),
    "settings": Verb(_settings, is_audited=False),
    "shell": VerbFor(_shell, frozenset({"open", "minutes"})),
    "status": Verb(_status, is_audited=False),
    "support": Verb(_support),
}


def handle(
    host: Host, request: Request, peer: Peer, tell: TellStep, session: Session | None = None
) -> dict[str, Any]:
    """Do what is asked, or raise why not; either is written to the trail.

    `session` is that of the connection, where it may bring more than this request.
    """
    asker = Asker(peer, session or Session(host.clock))
    try:
        verb = _known(request)
        asker = asker._replace(by_recovery=_admit(host, request, asker).by_recovery)
        if asker.by_recovery and verb.is_audited:
            _note_recovery(host, request.verb)
        result = _done(verb, host, request, tell, asker)
    except BandstandError as error:
        _record(host, request, asker, error.code)
        raise
    if verb.is_audited:
        _record(host, request, asker, "done")
    return result


def _known(request: Request) -> Verb | VerbFor:
    """Of a verb that there is; its arguments are looked at once it is known who asks."""
    verb = VERBS.get(request.verb)
    if verb is None:
        known = ", ".join(VERBS)
        raise UsageError("no such verb", hint=f"known are {known}", code="unknown-verb")
    return verb


def _admit(host: Host, request: Request, asker: Asker) -> Verdict:
    """Raises RefusedByPeer, `forbidden` or `login`, or UsageError for arguments unknown."""
    user, session = asker.peer.user, asker.session
    verdict = policy.judge(user, request.verb, request.args, _standing(host, asker))
    if verdict.refused is not None:
        raise verdict.refused
    if policy.renews_login(request.verb):
        session.renew()
    known = VERBS[request.verb].args
    unknown = sorted(set(request.args) - known)
    if unknown:
        accepted = ", ".join(sorted(known)) or "none"
        raise UsageError(
            f"{request.verb} does not know the argument {unknown[0]!r}",
            hint=f"known arguments: {accepted}",
        )
    return verdict


def _standing(host: Host, asker: Asker) -> Standing:
    """Only the console's rights change with it; the others are not to wait for the looking."""
    if asker.peer.user != Caller.CONSOLE:
        return Standing()
    from agent.apply import access

    return access.standing(host, asker.session)


def _note_recovery(host: Host, verb: str) -> None:
    from agent.apply import access

    access.note_recovery(host, verb)


def _done(
    verb: Verb | VerbFor, host: Host, request: Request, tell: TellStep, asker: Asker
) -> dict[str, Any]:
    if isinstance(verb, VerbFor):
        return verb.act(host, request.args, tell, asker)
    return verb.act(host, request.args, tell)


def _record(host: Host, request: Request, asker: Asker, ended: str) -> None:
    verb = VERBS.get(request.verb)
    known = verb.args - _SECRET_ARGS if verb else frozenset[str]()
    about = {
        name[:40]: _shown(value) if _may_be_shown(name, value, known) else MASK
        for name, value in request.args.items()
    }
    record(host, Deed(asker.who, "apply", request.verb[:40], ended, about))


def _may_be_shown(name: str, value: object, known: frozenset[str]) -> bool:
    return name in known and (name not in _OBJECTS or is_object(value))


def _shown(value: object) -> str:
    """Short words as they are; of an object its keys, since its values may be secret."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return MASK if is_private_key(str(value)) else str(value)[:80]
    return ", ".join(sorted(map(str, object_of(value))))[:400]
