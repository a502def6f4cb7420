"""The closed table of what bandstand-apply does, and who may ask it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.ask.serve import Peer, TellStep
from agent.ask.wire import Request
from agent.audit.trail import Deed, record
from agent.errors import BandstandError, RefusedByPeer, UsageError
from agent.settings.secret import MASK
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import object_of
from agent.values.words import is_private_key

Act = Callable[[Host, Mapping[str, Any], TellStep], dict[str, Any]]
ActFor = Callable[[Host, Mapping[str, Any], TellStep, Peer], dict[str, Any]]


# A verb imports what it needs when it is asked: the process lives for one request.
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


def _editing(host: Host, args: Mapping[str, Any], _: TellStep, peer: Peer) -> dict[str, Any]:
    from agent.apply import editing

    return editing.edit(host, args, peer)


def _factory_reset(host: Host, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    from agent.apply import reset

    return reset.reset(host, args)


def _firewall(host: Host, _: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import firewall

    return firewall.reload(host, tell)


def _join(host: Host, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    from agent.apply import join

    return join.join(host, args, tell)


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


def _node_set(host: Host, args: Mapping[str, Any], tell: TellStep, peer: Peer) -> dict[str, Any]:
    from agent.apply import node
    from agent.settings.declare import Face

    face = Face.CONSOLE if peer.user == _CONSOLE else Face.COMMAND
    return node.set_node(host, args, tell, face=face)


def _power(host: Host, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    from agent.apply import power

    return power.power(host, args)


def _publish(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import publish

    return publish.publish(host)


def _restart(host: Host, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    from agent.apply import restart

    return restart.restart(host, args)


def _secrets(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import standing

    return standing.secrets(host)


def _settings(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import settings

    return settings.settings(host)


def _status(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import status

    return status.status(host)


def _support(host: Host, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    from agent.apply import support

    return support.support(host)


@dataclass(frozen=True)
class ForPeer:
    """An act for which it matters who asks."""

    act: ActFor


@dataclass(frozen=True)
class Verb:
    """What is done, by whom it may be asked, and the arguments it knows."""

    act: Act | ForPeer
    users: frozenset[str]
    args: frozenset[str] = frozenset()
    is_audited: bool = True


_CONSOLE = "bandstand-console"
_NODE = frozenset({"root", "bandstand"})
_PEOPLE = frozenset({"root", _CONSOLE})
_ANYBODY = _NODE | _PEOPLE
# Arguments that are secret as they are, or may be where they are no object.
_HIDDEN = frozenset({"join", "settings"})

VERBS: Mapping[str, Verb] = {
    "certificate.install": Verb(_certificate_install, _NODE, frozenset({"settings"})),
    "certificate.renew": Verb(_certificate_renew, _NODE),
    "certificate.reset": Verb(_certificate_reset, _NODE),
    "change": Verb(_change, _NODE, frozenset({"membership", "shared"})),
    "check": Verb(_check, _ANYBODY, is_audited=False),
    "editing": Verb(ForPeer(_editing), _PEOPLE, frozenset({"form", "take_over"}), is_audited=False),
    "factory-reset": Verb(_factory_reset, _PEOPLE, frozenset({"name"})),
    "firewall": Verb(_firewall, _PEOPLE),
    "join": Verb(_join, _PEOPLE, frozenset({"join"})),
    "network-confirm": Verb(_network_confirm, _NODE),
    "network-set": Verb(_network_set, _NODE, frozenset({"settings", "attended", "within_s"})),
    "network-trial": Verb(_network_trial, _NODE, is_audited=False),
    "network-undo": Verb(_network_undo, _NODE),
    "node-set": Verb(ForPeer(_node_set), _PEOPLE, frozenset({"settings"})),
    "power": Verb(_power, _PEOPLE, frozenset({"act"})),
    "publish": Verb(_publish, _NODE, is_audited=False),
    "restart": Verb(_restart, _NODE, frozenset({"unit"})),
    "secrets": Verb(_secrets, _NODE, is_audited=False),
    "settings": Verb(_settings, _PEOPLE, is_audited=False),
    "status": Verb(_status, _NODE, is_audited=False),
    "support": Verb(_support, _NODE),
}


def handle(host: Host, request: Request, peer: Peer, tell: TellStep) -> dict[str, Any]:
    """Do what is asked, or raise why not; either is written to the trail."""
    try:
        verb = _admit(request, peer)
        result = _do(verb, host, request, peer, tell)
    except BandstandError as error:
        _record(host, request, peer, error.code)
        raise
    if verb.is_audited:
        _record(host, request, peer, "done")
    return result


def _do(verb: Verb, host: Host, request: Request, peer: Peer, tell: TellStep) -> dict[str, Any]:
    if isinstance(verb.act, ForPeer):
        return verb.act.act(host, request.args, tell, peer)
    return verb.act(host, request.args, tell)


def _admit(request: Request, peer: Peer) -> Verb:
    verb = VERBS.get(request.verb)
    if verb is None:
        known = ", ".join(VERBS)
        raise UsageError("no such verb", hint=f"known are {known}", code="unknown-verb")
    if peer.user not in verb.users:
        raise RefusedByPeer(
            f"the user {peer.user} may not ask for {request.verb}",
            hint="ask as root",
            code="forbidden",
        )
    unknown = sorted(set(request.args) - verb.args)
    if unknown:
        accepted = ", ".join(sorted(verb.args)) or "none"
        raise UsageError(
            f"{request.verb} does not know the argument {unknown[0]!r}",
            hint=f"known arguments: {accepted}",
        )
    return verb


def _record(host: Host, request: Request, peer: Peer, ended: str) -> None:
    who = f"{peer.user} (pid {peer.pid})"
    about = {
        name: MASK if name in _HIDDEN and isinstance(value, str) else _shown(value)
        for name, value in request.args.items()
    }
    record(host, Deed(who, "apply", request.verb[:40], ended, about))


def _shown(value: object) -> str:
    """Short words as they are; of an object its keys, since its values may be secret."""
    if isinstance(value, str):
        return MASK if is_private_key(value) else value[:80]
    return ", ".join(sorted(map(str, object_of(value))))[:400]
