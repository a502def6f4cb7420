"""A member's daily life: beat, pull what is shared, and tell how the cluster stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.cluster.beat import Heart, Verdict
from agent.cluster.member import Member
from agent.cluster.members import Listed, members
from agent.cluster.report import Belonging, Report, fault_of
from agent.cluster.sync import Sync
from agent.errors import BandstandError, Fault

# What ends a membership until a person decides: the others must not count on this node.
_ENDINGS = frozenset({"removed", "conflict"})


@dataclass
class Life:
    """`tick` is called every few seconds; a trouble is told, and the next tick tries again."""

    member: Member
    _listed: tuple[Listed, ...] = ()
    _next_beat_s: float = float("-inf")
    _heart: Heart = field(init=False)
    _sync: Sync = field(init=False)
    _beat_faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        self._heart = Heart(self.member)
        self._sync = Sync(self.member)

    def tick(self) -> Report:
        now_s = self.member.site.clock.monotonic_s()
        if now_s >= self._next_beat_s:
            self._next_beat_s = now_s + self.member.site.timing.beat_s
            self._beat_faults = self._beat()
        pull_faults = () if self._has_ended() else self._pull()
        return self._report((*self._beat_faults, *pull_faults))

    def _beat(self) -> tuple[Fault, ...]:
        try:
            verdict = self._heart.beat()
            self._listed = members(self.member)
        except BandstandError as error:
            return (fault_of(error, "database.host"),)
        if verdict is Verdict.ROLLED_BACK:
            words = "the database is older than what this node wrote last"
            return (Fault("database.host", words, "it was restored from a backup", "rolled-back"),)
        return ()

    def _pull(self) -> tuple[Fault, ...]:
        try:
            _ = self._sync.pull()
        except BandstandError as error:
            return (fault_of(error, "database.host"),)
        return ()

    def _has_ended(self) -> bool:
        return any(fault.code in _ENDINGS for fault in self._beat_faults)

    def _report(self, faults: tuple[Fault, ...]) -> Report:
        stand = self.member.standing
        return Report(
            state=Belonging.FAILED if self._has_ended() else Belonging.MEMBER,
            id=stand.cluster_id,
            name=stand.cluster_name,
            members=self._listed,
            config_version=self.member.shared.version,
            faults=tuple(dict.fromkeys(faults)),
        )
