"""Where a cluster's code runs: the node's doors, its place in the network, and its paces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.accepted.store import Membership
from agent.system.clock import Clock
from agent.system.files import Files
from agent.typed import Protocol


class Change(Protocol):
    """Asks bandstand-apply to bring a membership, and what the cluster shares, in force."""

    def __call__(self, membership: Membership, shared: Mapping[str, str] | None = None) -> None: ...


@dataclass(frozen=True)
class Place:
    """What this node is called, and where the others reach it, as `host:port`; `addresses` are
    those that clients come by, of which one may be a name.
    """

    name: str
    addresses: tuple[str, ...]
    peer_address: str


@dataclass(frozen=True)
class Timing:
    """Paces in seconds; tests take shorter ones."""

    beat_s: float = 5
    lost_s: float = 20
    poll_s: float = 2
    good_beats: int = 3
    retry_s: float = 2
    longest_retry_s: float = 30
    most_skew_s: float = 60
    pending_s: float = 15 * 60


@dataclass(frozen=True)
class Site:
    """One node, as the cluster's code sees it; `pause` waits some seconds, or raises to stop."""

    files: Files
    change: Change
    place: Callable[[], Place]
    boot_id: str
    software: str = ""
    clock: Clock = field(default_factory=Clock)
    pause: Callable[[float], None] = Clock().pause
    timing: Timing = field(default_factory=Timing)
