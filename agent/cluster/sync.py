"""The shared configuration, pulled: verified, brought in force, kept, and only then worked with."""

from __future__ import annotations

from collections.abc import Callable

from agent.accepted.store import Membership
from agent.cluster import snapshot
from agent.cluster.member import Member
from agent.cluster.shared import Shared, from_row
from agent.cluster.store import configuration
from agent.errors import BandstandError, NotNow


class Sync:
    """Pulls for one member over time; a version that this node cannot bring in force is tried
    again later and later, another one at once.
    """

    def __init__(self, member: Member) -> None:
        self._member = member
        self._version = 0
        self._refusal: BandstandError | None = None
        self._wait_s = 0.0
        self._next_s = float("-inf")

    def pull(self) -> bool:
        """As `pull`; while it waits, what stood in its way is raised again."""
        return pull(self._member, bring=self._bring)

    def _bring(self, shared: Shared) -> None:
        clock, timing = self._member.site.clock, self._member.site.timing
        if shared.version != self._version:
            self._version, self._refusal, self._wait_s = shared.version, None, timing.retry_s
        elif self._refusal is not None and clock.monotonic_s() < self._next_s:
            raise self._refusal
        try:
            self._member.site.change(Membership.MEMBER, shared.settings)
        except BandstandError as error:
            self._refusal, self._next_s = error, clock.monotonic_s() + self._wait_s
            self._wait_s = min(self._wait_s * 2, timing.longest_retry_s)
            raise
        self._version = 0


def pull(member: Member, *, bring: Callable[[Shared], None] | None = None) -> bool:
    """Whether a newer version came in force. Raises what stands in its way, having kept the old."""
    with member.transaction() as connection:
        version = member.cluster(connection).config_version
        if version == member.shared.version:
            return False
        row = configuration.read(connection, version)
    if version < member.shared.version:
        raise NotNow(
            f"the database has version {version} of the configuration, "
            f"this node works with {member.shared.version}",
            hint="the database was restored from a backup: nothing older is taken over by itself",
            code="rolled-back",
        )
    if row is None:
        raise NotNow(f"the database lacks version {version} of the configuration")
    shared = from_row(member.keyring, row)
    if bring is None:
        member.site.change(Membership.MEMBER, shared.settings)
    else:
        bring(shared)
    snapshot.save(member.site.files, row)
    member.adopt(shared)
    return True
