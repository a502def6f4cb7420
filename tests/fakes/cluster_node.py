"""A whole node's cluster side in this process: files in a folder, a real port on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.accepted.store import Membership
from agent.cluster import token
from agent.cluster.draft import Wish
from agent.cluster.resident import Resident, parse
from agent.cluster.site import Place, Site, Timing
from agent.cluster.store.target import Target
from agent.errors import CommandFailed
from agent.peer.door import PeerDoor
from agent.system.files import Files
from agent.values.join_string import JoinString

PASSWORD = "correct horse"

QUICK = Timing(beat_s=0.05, lost_s=20, poll_s=0.05, good_beats=3, retry_s=0.05, longest_retry_s=0.2)


@dataclass
class FakeChange:
    """Stands for bandstand-apply: remembers what it was asked to bring in force."""

    asked: list[tuple[Membership, Mapping[str, str] | None]] = field(
        default_factory=list[tuple[Membership, "Mapping[str, str] | None"]]
    )
    fails: bool = False

    def __call__(self, membership: Membership, shared: Mapping[str, str] | None = None) -> None:
        if self.fails:
            raise CommandFailed("nginx does not take it")
        self.asked.append((membership, shared))

    @property
    def membership(self) -> Membership:
        return self.asked[-1][0] if self.asked else Membership.NONE

    @property
    def shared(self) -> Mapping[str, str]:
        given = [shared for _, shared in self.asked if shared is not None]
        return given[-1] if given else {}


class Loop:
    """An event loop in a thread of its own, for the peer servers."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        _ = self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


@dataclass
class FakeNode:
    """One node; `restarted()` is what a reboot makes of it, `advertised` a wrong peer address."""

    name: str
    host: str
    port: int
    root: Path
    loop: Loop
    timing: Timing = QUICK
    boot: int = 1
    change: FakeChange = field(default_factory=FakeChange)
    advertised: str = ""
    resident: Resident = field(init=False)

    def __post_init__(self) -> None:
        self.door = PeerDoor(self.loop.loop, self.host, self.port)
        self.resident = Resident(self.site(), self.door)

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def files(self) -> Files:
        return Files(self.root)

    def site(self) -> Site:
        return Site(
            files=self.files,
            change=self.change,
            place=lambda: Place(self.name, (self.host,), self.advertised or self.address),
            boot_id=f"boot-{self.name}-{self.boot}",
            software="1.0",
            timing=self.timing,
        )

    def stop(self) -> None:
        self.resident.halt()
        self.door.close()
        self.resident.close()

    def restarted(self) -> FakeNode:
        self.stop()
        return FakeNode(
            self.name, self.host, self.port, self.root, self.loop, self.timing, self.boot + 1,
            self.change,
        )  # fmt: skip


NewNode = Callable[[str], FakeNode]


@contextmanager
def loop_of_peers() -> Iterator[Loop]:
    loop = Loop()
    try:
        yield loop
    finally:
        loop.stop()


def first_node(new_node: NewNode, target: Target, *, hostname: str = "board.test") -> FakeNode:
    """A node that made the cluster `demo`."""

    def untold(_: str) -> None:
        return None

    node = new_node("one")
    _ = node.resident.init(Wish(target, name="demo", hostname=hostname), tell=untold)
    return node


def join_string_of(node: FakeNode, *, minutes: float = 30, name: str | None = None) -> JoinString:
    issued = token.create(node.resident.require_member(), minutes=minutes, name=name)
    return parse(issued.join_string)
