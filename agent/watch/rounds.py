"""Round after round what is true now, told in the status, and whether the web page answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent.accepted import store
from agent.errors import BandstandError, Fault
from agent.status import fragment, merge
from agent.system import http, nginx
from agent.system.changes import Changes
from agent.system.clock import stamp
from agent.system.files import Files
from agent.system.host import Host
from agent.system.netlink import Kernel
from agent.typed import Any, NamedTuple, Protocol
from agent.values.address import bracketed
from agent.values.json_object import text_of
from agent.watch.behind import Follower, change_of
from agent.watch.facts import facts
from agent.watch.network import Content, Network
from agent.watch.resolving import Resolving
from agent.watch.timing import Timing

PROCESS = "watch"

_PAGE = "/cluster"
# Faces call news stale after three of these.
_ROUND_S = 15.0
_ROUND_UNTIL_IT_ANSWERS_S = 2.0
# One change of a card comes as a burst of events.
_BURST_S = 0.2
_PROBE_S = 5.0
_FIRST_ERROR = 400

log = logging.getLogger(__name__)


class Ask(Protocol):
    """A way to ask for a page."""

    def __call__(self, address: str, path: str, port: int = 443) -> http.Answer: ...


def _ask(address: str, path: str, port: int = 443) -> http.Answer:
    return http.ask(address, port, path, timeout_s=_PROBE_S)


async def watch(host: Host, stop: asyncio.Event) -> None:
    """Runs until `stop`; what cannot be read or written now is tried again in the next round."""
    with Kernel() as kernel:
        await follow(host, stop, kernel, Follower(host, change_of(host)))


async def follow(
    host: Host,
    stop: asyncio.Event,
    network: Network,
    follower: Follower,
    *,
    ask: Ask = _ask,
    round_s: float = _ROUND_S,
) -> None:
    """`watch` on a given network, with a given way to ask for the page and for a change."""
    changed = asyncio.Event()

    def heard() -> None:
        network.drain()
        changed.set()

    watcher, blind = Watcher(host, network, ask), set[str]()
    loop = asyncio.get_running_loop()
    loop.add_reader(network.fileno(), heard)
    try:
        while not stop.is_set():
            changed.clear()
            with _swaps(host.files, changed.set, blind):
                is_calm = await watcher.round(follower.faults)
                watcher.resolving.look(watcher.resolvers, then=changed.set)
                watcher.timing.look(then=changed.set)
                wait_s = round_s if is_calm else min(round_s, _ROUND_UNTIL_IT_ANSWERS_S)
                await _first_of((stop, changed), min(wait_s, follower.look(then=changed.set)))
            if changed.is_set():
                await _first_of((stop,), _BURST_S)
    finally:
        _ = loop.remove_reader(network.fileno())


@contextmanager
def _swaps(files: Files, swapped: Callable[[], None], blind: set[str]) -> Iterator[None]:
    """Meanwhile `swapped` is called when a pair or a configuration of nginx's is put in place; what
    the kernel has no watch left for is seen in the next round. `blind` has why, once it was said.
    """
    try:
        changes = Changes(files.path(nginx.FOLDER))
    except OSError as error:
        if not blind:
            log.warning("certificates are looked at only once a round: %s", error)
        blind.add(str(error))
        yield
        return
    loop = asyncio.get_running_loop()
    with changes:
        loop.add_reader(changes.fileno(), _once(changes, swapped))
        try:
            yield
        finally:
            _ = loop.remove_reader(changes.fileno())


def _once(changes: Changes, swapped: Callable[[], None]) -> Callable[[], None]:
    def heard() -> None:
        changes.drain()
        swapped()

    return heard


@dataclass
class Watcher:
    """One look after the other; remembers what was told last."""

    host: Host
    network: Network
    ask: Ask
    page: Page = field(default_factory=lambda: Page())
    resolvers: Sequence[str] = ()
    _told_s: float = float("-inf")

    def __post_init__(self) -> None:
        self.resolving = Resolving(self.host)
        self.timing = Timing(self.host)

    async def round(self, faults: Sequence[Fault] = ()) -> bool:
        """Tell what the node is, then of its page; returns whether that answers as it should."""
        try:
            content = facts(self.host, self.network)
            content["faults"] += [fault.as_json() for fault in faults]
            self.resolvers = content["network"]["dns"]
            content["over"] += self.resolving.over(self.resolvers)
            content |= self.timing.told()
            place = _place(content, self.host.files)
            installed = text_of(content["certificate"].get("sha256"))
            self.page = self.page.at(place.url, installed, self.host.clock.now())
            self._tell(content)
            self.page = await self._asked(place)
            self._tell(content)
        except (BandstandError, OSError) as error:
            log.warning("this round told nothing: %s", error)
        return self.page.answers and self.page.sha256 in ("", self.page.installed)

    async def _asked(self, place: Place) -> Page:
        if not self.page.url:
            return self.page
        try:
            answer = await asyncio.to_thread(self.ask, place.address, _PAGE, place.port)
        except BandstandError:
            return self.page.silent(self.host.clock.now())
        return self.page.answered(answer, self.host.clock.now())

    def _tell(self, content: Content) -> None:
        """Published when it changed, and once a round, so that nobody takes silence for good."""
        now_s = self.host.clock.monotonic_s()
        whole = {**content, **self.page.as_json()}
        whole["certificate"] = _served(content["certificate"], self.page.sha256)
        is_new = fragment.put(self.host.files, PROCESS, whole)
        if is_new or now_s - self._told_s >= _ROUND_S:
            _ = merge.publish(self.host.files, self.host.clock)
            self._told_s = now_s


@dataclass(frozen=True)
class Page:
    """The web page as we see it: whether it answers, since when, with which certificate (`sha256`,
    blank while nobody looked) where another or the same (`installed`) lies there to be served.
    """

    url: str = ""
    answers: bool = False
    since: str = ""
    sha256: str = ""
    installed: str = ""

    def at(self, url: str, installed: str, now: datetime) -> Page:
        """A new address is unproven until it answered, and so is a new certificate."""
        if url != self.url:
            return Page(url, since=stamp(now), installed=installed)
        if installed != self.installed:
            return replace(self, sha256="", installed=installed)
        return self

    def answered(self, answer: http.Answer, now: datetime) -> Page:
        is_good = answer.status < _FIRST_ERROR
        since = self.since if is_good == self.answers else stamp(now)
        return replace(self, answers=is_good, since=since, sha256=answer.certificate_sha256)

    def silent(self, now: datetime) -> Page:
        since = stamp(now) if self.answers else self.since
        return replace(self, answers=False, since=since, sha256="")

    def as_json(self) -> Content:
        return {"url": self.url, "url_answers": self.answers, "url_since": self.since}


def _served(installed: Mapping[str, Any], sha256: str) -> Content:
    """Who compares the fingerprint compares what is served, should it not be what lies there."""
    if sha256 in ("", installed.get("sha256")):
        return dict(installed)
    return {"source": "unknown", "sha256": sha256}


class Place(NamedTuple):
    """Where people find the page, and where this node itself looks whether it answers: what others
    reach it at may lead nowhere from here.
    """

    url: str = ""
    address: str = ""
    port: int = 443


def _place(content: Content, files: Files) -> Place:
    addresses = content["network"]["addresses"]
    if not addresses:
        return Place()
    own_address = str(addresses[0]).partition("/")[0]
    host = store.load(files).effective().node.public_address or own_address
    port = nginx.portal(files).port
    shown = bracketed(host) if port == Place().port else f"{bracketed(host)}:{port}"
    return Place(f"https://{shown}{_PAGE}", own_address, port)


async def _first_of(events: Sequence[asyncio.Event], timeout_s: float) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    _ = await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        _ = wait.cancel()
