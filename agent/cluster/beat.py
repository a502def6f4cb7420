"""The heartbeat: a compare-and-set on our own row, which also tells a copy of this node.

What the row says against what we wrote last:
same, or one ahead under our boot id (a lost reply)   go on
one ahead under the boot id that we had before        a lost reply or a copy: wait for silence
behind                                                the database was rolled back: go on, tell
ahead under another boot id                           a copy of this node beats: stop
ahead by more than one under our boot id              a copy of our memory beats: stop
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from agent.cluster.identity import FOLDER
from agent.cluster.member import Member
from agent.cluster.store import heartbeat
from agent.cluster.store.heartbeat import Beat, Seen
from agent.errors import NotNow
from agent.system.files import Files
from agent.values.json_object import parse

_FILE = f"{FOLDER}/beat.json"


class Verdict(StrEnum):
    """What a row means to the node that it is about."""

    GO_ON = "go-on"
    ROLLED_BACK = "rolled-back"
    UNCLEAR = "unclear"
    COPIED = "copied"


@dataclass(frozen=True)
class Own:
    """What this node wrote last."""

    boot_id: str
    seq: int


def judge(row: Seen, own: Own | None, *, boot_id: str, lost_s: float) -> Verdict:
    """`boot_id` is that of the running kernel; `own` is None before the first heartbeat."""
    is_silent = row.age_s is None or row.age_s > lost_s
    if own is None:
        return Verdict.GO_ON if is_silent else Verdict.COPIED
    if row.seq < own.seq:
        return Verdict.ROLLED_BACK
    if row.seq == own.seq:
        return Verdict.GO_ON
    if row.seq > own.seq + 1 or row.boot_id not in {boot_id, own.boot_id}:
        return Verdict.COPIED
    return Verdict.GO_ON if row.boot_id == boot_id or is_silent else Verdict.UNCLEAR


class Heart:
    """Beats for one member."""

    def __init__(self, member: Member) -> None:
        self._member = member
        # Newer than the file where the disk is full.
        self._own: Own | None = None

    def beat(self) -> Verdict:
        """Raises NotNow where this node must not write any more: removed, or copied."""
        member, site = self._member, self._member.site
        own = self._own or _load(site.files)
        with member.transaction() as connection:
            seen = heartbeat.read(connection, member.identity.id)
            if seen is None:
                raise _removed(member)
            verdict = judge(seen, own, boot_id=site.boot_id, lost_s=site.timing.lost_s)
            if verdict is Verdict.COPIED:
                raise _copied()
            if verdict is Verdict.UNCLEAR:
                raise _unclear(site.timing.lost_s)
            seq = heartbeat.write(connection, self._beat(), over=seen)
        if seq is None:
            raise _copied()
        self._own = Own(site.boot_id, seq)
        try:
            _save(site.files, self._own)
        except OSError as error:
            raise NotNow(
                f"the heartbeat cannot be kept on disk: {error.strerror}",
                hint="make room on the disk",
                code="disk",
            ) from error
        return verdict

    def _beat(self) -> Beat:
        member = self._member
        return Beat(
            member.identity.id,
            member.site.boot_id,
            member.shared.version,
            member.shared.digest,
            member.site.software,
        )


def forget(files: Files) -> None:
    _ = files.remove(_FILE)


def _removed(member: Member) -> NotNow:
    return NotNow(
        f"this node was removed from the cluster {member.standing.cluster_name}",
        hint="to join again, deploy it anew and give it a new join string",
        code="removed",
    )


def _copied() -> NotNow:
    return NotNow(
        "another machine runs as a copy of this node",
        hint="power one of the two off; deploy a node of its own instead of a copy",
        code="conflict",
    )


def _unclear(lost_s: float) -> NotNow:
    return NotNow(
        "it is not clear yet whether another machine runs as a copy of this node",
        hint=f"wait {lost_s:g} seconds: if nobody else beats, this node goes on",
        code="unclear",
    )


def _load(files: Files) -> Own | None:
    try:
        stored = parse(files.read(_FILE) or "")
        return Own(str(stored["boot_id"]), int(stored["seq"]))
    except (ValueError, KeyError, TypeError):
        return None


def _save(files: Files, own: Own) -> None:
    stored = {"boot_id": own.boot_id, "seq": own.seq}
    _ = files.write(_FILE, json.dumps(stored) + "\n", mode=0o600)
