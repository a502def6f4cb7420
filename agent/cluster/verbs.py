"""What the agent's socket answers: a closed table of verbs, for root and the node's own users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from agent.ask.serve import Peer, TellStep
from agent.ask.wire import Request
from agent.cluster import cluster_key, token
from agent.cluster.members import members
from agent.cluster.report import fault_of
from agent.cluster.resident import Resident, parse
from agent.cluster.wish import wish_of
from agent.errors import BandstandError, Fault, InputRefused, RefusedByPeer, UsageError
from agent.settings.accept import accept
from agent.settings.secret import Secret
from agent.steps.journal import Entry
from agent.typed import Any
from agent.values.cluster_key import parse as parse_key
from agent.values.join_string import JoinString
from agent.values.json_object import list_of, object_of

Act = Callable[[Resident, Mapping[str, Any], TellStep], dict[str, Any]]

_USERS = frozenset({"root", "bandstand"})


def handle(resident: Resident, request: Request, peer: Peer, tell: TellStep) -> dict[str, Any]:
    """Blocks until it is done: to be called in a thread of its own."""
    verb = _VERBS.get(request.verb)
    if verb is None:
        raise UsageError("no such verb", hint=f"known are {', '.join(_VERBS)}", code="unknown-verb")
    if peer.user not in _USERS:
        raise RefusedByPeer(
            f"the user {peer.user} may not ask for {request.verb}",
            hint="ask as root",
            code="forbidden",
        )
    unknown = sorted(set(request.args) - verb.args)
    if unknown:
        raise UsageError(f"{request.verb} does not know the argument {unknown[0]!r}")
    return verb.act(resident, request.args, tell)


def _init(resident: Resident, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    texts = {key: str(text) for key, text in object_of(args.get("settings")).items()}
    begun = resident.init(wish_of(texts), tell=lambda name: tell({"name": name}))
    return {
        "cluster": begun.cluster_id,
        "name": begun.name,
        "resumed": begun.is_resumed,
        "recovery_phrase": begun.phrase,
    }


def _join(resident: Resident, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    """By `join`, a join string, or by `seeds` and `key`."""

    def told(entry: Entry) -> None:
        tell(entry.as_json())

    if "seeds" in args or "key" in args:
        wanted = _by_key(args)
    else:
        wanted = parse(Secret(str(args.get("join", ""))))
    resident.join(wanted, tell=told)
    stand = resident.require_member().standing
    return {"cluster": stand.cluster_id, "name": stand.cluster_name}


def _by_key(args: Mapping[str, Any]) -> JoinString:
    """The same as the properties say it, by the same validator; raises InputRefused."""
    seeds = ", ".join(str(seed) for seed in list_of(args.get("seeds")))
    asked = {"cluster.seeds": seeds, "cluster.key": str(args.get("key", ""))}
    accepted = accept(asked, strict=True)
    key = accepted.settings.cluster.key
    if accepted.faults or key is None:
        missing = (Fault("cluster.key", "is blank; accepted is a cluster key"),)
        raise InputRefused(accepted.faults or missing)
    return JoinString(accepted.settings.cluster.seeds, parse_key(key.reveal()))


def _status(resident: Resident, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    """The members fresh from the database, or as they were when it was reached last."""
    member, report = resident.entered(), resident.reporter.last
    if member is not None:
        try:
            report = replace(report, members=members(member))
        except BandstandError as error:
            told = fault_of(error, "database.host")
            report = replace(report, faults=(told, *(one for one in report.faults if one != told)))
    said = report.as_json()
    return {**said["cluster"], "faults": said["faults"], "safe_to_restart": said["safe_to_restart"]}


def _create_token(resident: Resident, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    minutes, name = args.get("minutes", token.DEFAULT_MINUTES), args.get("name")
    if not isinstance(minutes, int | float):
        raise UsageError("minutes is a number")
    member = resident.require_member()
    made = token.create(member, minutes=minutes, name=None if name is None else str(name))
    return {
        "id": made.id,
        "join_string": made.join_string.reveal(),
        "expires_at": f"{made.expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _list_tokens(resident: Resident, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    rows = token.list_all(resident.require_member())
    return {
        "tokens": [
            {
                "id": row.id,
                "state": row.state,
                "name": row.bound_name,
                "expires_at": f"{row.expires_at:%Y-%m-%dT%H:%M:%SZ}",
                "used_from": row.used_from,
            }
            for row in rows
        ]
    }


def _revoke_token(resident: Resident, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    token.revoke(resident.require_member(), str(args.get("id", "")))
    return {"revoked": str(args.get("id", ""))}


def _create_key(resident: Resident, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    made = cluster_key.create(resident.require_member())
    return {"id": made.id, "key": made.key.reveal()}


def _list_keys(resident: Resident, _: Mapping[str, Any], __: TellStep) -> dict[str, Any]:
    rows = cluster_key.list_all(resident.require_member())
    return {
        "keys": [
            {
                "id": row.id,
                "state": row.state,
                "created_at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
                "last_used_at": f"{row.last_used_at:%Y-%m-%dT%H:%M:%SZ}"
                if row.last_used_at
                else None,
            }
            for row in rows
        ]
    }


def _revoke_key(resident: Resident, args: Mapping[str, Any], _: TellStep) -> dict[str, Any]:
    cluster_key.revoke(resident.require_member(), str(args.get("id", "")))
    return {"revoked": str(args.get("id", ""))}


@dataclass(frozen=True)
class Verb:
    """What is done, and the arguments it knows."""

    act: Act
    args: frozenset[str] = frozenset()


_VERBS: Mapping[str, Verb] = {
    "cluster.init": Verb(_init, frozenset({"settings"})),
    "cluster.join": Verb(_join, frozenset({"join", "seeds", "key"})),
    "cluster.status": Verb(_status),
    "cluster.token.create": Verb(_create_token, frozenset({"minutes", "name"})),
    "cluster.token.list": Verb(_list_tokens),
    "cluster.token.revoke": Verb(_revoke_token, frozenset({"id"})),
    "cluster.key.create": Verb(_create_key),
    "cluster.key.list": Verb(_list_keys),
    "cluster.key.revoke": Verb(_revoke_key, frozenset({"id"})),
}
