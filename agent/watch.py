"""What is true now, kept current in the status: name, network, certificate, and the web page.

Where the node's names left its certificate or nginx behind, bandstand-apply is asked to follow.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Interface
from typing import Any, NamedTuple, Protocol

from agent.accepted import store
from agent.accepted.store import Membership
from agent.ask import sockets
from agent.ask.wire import call
from agent.errors import BandstandError, Fault
from agent.network.state import INTERFACE, NETWORK_FILE
from agent.services import observe as services_observe
from agent.services import places as services_places
from agent.services import plan as services_plan
from agent.services.state import Noun
from agent.serving import observe as serving_observe
from agent.serving import plan as serving_plan
from agent.settings.declaration import Settings
from agent.settings.portal import Portal
from agent.settings.tls import Tls
from agent.status import fragment, merge
from agent.status.words import seconds_since
from agent.system import http, nginx, own
from agent.system.clock import stamp
from agent.system.files import Files
from agent.system.host import Host
from agent.system.netlink import Address, Kernel, Link, Route
from agent.tls import observe as tls_observe
from agent.tls import plan as tls_plan
from agent.values.address import bracketed

PROCESS = "watch"

_PAGE = "/cluster"
_RESTART_NEEDED = "/run/reboot-required"
_RESOLVERS = "/run/systemd/resolve/resolv.conf"
# Faces call news stale after three of these.
_ROUND_S = 15.0
_ROUND_UNTIL_IT_ANSWERS_S = 2.0
# One change of a card comes as a burst of events.
_BURST_S = 0.2
_PROBE_S = 5.0
_FIRST_ERROR = 400

# A lease that changes is for a moment none; what stood still for this long is meant.
_STILL_S = 2.0
# Between two asks for a change, whatever happens, and after refusals of the same one.
_BETWEEN_S = 10.0
_LONGEST_S = 900.0
# Behind a first boot that holds the lock, and nginx that reloads.
_CHANGE_S = 180.0

log = logging.getLogger(__name__)

Content = dict[str, Any]


class Network(Protocol):
    """What is wanted of the kernel here: agent.system.netlink.Kernel has it."""

    def link(self, name: str) -> Link | None: ...
    def addresses(self, index: int) -> tuple[Address, ...]: ...
    def default_routes(self, index: int) -> tuple[Route, ...]: ...
    def fileno(self) -> int: ...
    def drain(self) -> None: ...


class Ask(Protocol):
    """A way to ask for a page."""

    def __call__(self, address: str, path: str, port: int = 443) -> http.Answer: ...


def _ask(address: str, path: str, port: int = 443) -> http.Answer:
    return http.ask(address, port, path, timeout_s=_PROBE_S)


Change = Callable[[], object]


def change_of(host: Host) -> Change:
    """Asks bandstand-apply to bring in force what is accepted, for the names of now."""
    return lambda: call(str(host.files.path(sockets.APPLY)), "change", {}, timeout_s=_CHANGE_S)


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

    watcher = Watcher(host, network, ask)
    loop = asyncio.get_running_loop()
    loop.add_reader(network.fileno(), heard)
    try:
        while not stop.is_set():
            changed.clear()
            answers = await watcher.round(follower.faults)
            wait_s = round_s if answers else min(round_s, _ROUND_UNTIL_IT_ANSWERS_S)
            await _first_of((stop, changed), min(wait_s, follower.look(then=changed.set)))
            if changed.is_set():
                await _first_of((stop,), _BURST_S)
    finally:
        _ = loop.remove_reader(network.fileno())


@dataclass
class Watcher:
    """One look after the other; remembers what was told last."""

    host: Host
    network: Network
    ask: Ask
    page: Page = field(default_factory=lambda: Page())
    _told_s: float = float("-inf")

    async def round(self, faults: Sequence[Fault] = ()) -> bool:
        """Tell what the node is, then whether its page answers; returns the latter."""
        try:
            content = facts(self.host, self.network)
            content["faults"] += [fault.as_json() for fault in faults]
            place = _place(content, self.host.files)
            self.page = self.page.at(place.url, self.host.clock.now())
            self._tell(content)
            self.page = await self._asked(place)
            self._tell(content)
        except (BandstandError, OSError) as error:
            log.warning("this round told nothing: %s", error)
        return self.page.answers

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


@dataclass
class Follower:
    """Asks for one change for each way of being behind, once it stood still.

    right -> behind -> still behind: asked -> right
                                           -> refused: told, and asked again later and later
    """

    host: Host
    change: Change
    faults: tuple[Fault, ...] = ()
    _behind: str = ""
    _due_s: float = float("inf")
    _between_s: float = _BETWEEN_S
    _asked_s: float = float("-inf")
    _asking: asyncio.Task[None] | None = None

    @property
    def is_asking(self) -> bool:
        return self._asking is not None

    def look(self, *, then: Callable[[], None]) -> float:
        """Begin to ask where it is time; `then` is called when it ended. Seconds until it is."""
        if self.is_asking:
            return float("inf")
        now_s = self.host.clock.monotonic_s()
        self._note(self._now_behind(), now_s)
        if now_s >= self._due_s:
            self._asked_s, self._due_s = now_s, now_s + self._between_s
            self._between_s = min(self._between_s * 2, _LONGEST_S)
            self._asking = asyncio.ensure_future(self._ask(then))
            return float("inf")
        return self._due_s - now_s

    def _now_behind(self) -> str:
        try:
            return behind(self.host)
        except (BandstandError, OSError) as error:
            log.warning("the names of this node cannot be compared: %s", error)
            return ""

    def _note(self, now_behind: str, now_s: float) -> None:
        if now_behind == self._behind:
            return
        self._behind, self._between_s, self.faults = now_behind, _BETWEEN_S, ()
        due_s = max(now_s + _STILL_S, self._asked_s + _BETWEEN_S)
        self._due_s = due_s if now_behind else float("inf")

    async def _ask(self, then: Callable[[], None]) -> None:
        log.info("asking for a change: %s", self._behind)
        try:
            _ = await asyncio.to_thread(self.change)
            self.faults = ()
        except BandstandError as error:
            log.warning("the change was refused: %s", error.message)
            words = f"it does not follow the node's names: {error.message}"
            self.faults = (Fault("tls.certificate", words, error.hint, "behind"),)
        finally:
            self._asking = None
            then()


def behind(host: Host) -> str:
    """Which of the node's names its own certificate, or nginx, does not go by yet, and whether
    chrony asks others than the lease's time servers; blank if none.

    Before a first certificate, and while there is no address at all, there is nothing to follow.
    """
    wanted, live = store.load(host.files).effective(), nginx.installed(host.files)
    if live is None or not own.addresses(host.files):
        return ""
    named, why = tls_observe.observe(host, wanted.node.public_address), ""
    if live.source == tls_plan.Source.SELF_SIGNED:
        why = tls_plan.plan(Tls(), named).why
    why = why or _served_otherwise(host, wanted) or _timed_otherwise(host, wanted)
    return f"{why} (it is {', '.join((*named.names, *named.addresses))})" if why else ""


def _served_otherwise(host: Host, settings: Settings) -> str:
    """A configuration that was changed by hand is not ours to follow with; nor is a portal that
    could not be had on its own port, which the next boot tries again.
    """
    served = serving_observe.observe(host)
    right = (settings, settings._replace(portal=Portal()))
    keys = [serving_plan.plan(one, served).config_key for one in right]
    return "" if served.config_key in ("", *keys) else "nginx is configured for other names"


def _timed_otherwise(host: Host, settings: Settings) -> str:
    time = services_plan.plan(Noun.TIME, settings, services_observe.observe(host))
    is_so = all(host.files.read(file.name) == file.text for file in time.laid)
    return "" if is_so else "chrony asks other time servers than the lease names"


@dataclass(frozen=True)
class Page:
    """The web page as we see it: whether it answers, since when, with which certificate."""

    url: str = ""
    answers: bool = False
    since: str = ""
    sha256: str = ""

    def at(self, url: str, now: datetime) -> Page:
        """A new address is unproven until it answered."""
        return self if url == self.url else Page(url, since=stamp(now))

    def answered(self, answer: http.Answer, now: datetime) -> Page:
        is_good = answer.status < _FIRST_ERROR
        since = self.since if is_good == self.answers else stamp(now)
        return Page(self.url, is_good, since, answer.certificate_sha256)

    def silent(self, now: datetime) -> Page:
        return Page(self.url, since=stamp(now) if self.answers else self.since)

    def as_json(self) -> Content:
        return {"url": self.url, "url_answers": self.answers, "url_since": self.since}


def facts(host: Host, network: Network) -> Content:
    """The fragment but for the page: what files and kernel say."""
    files = host.files
    names, now = own.names(files), host.clock.now()
    certificates = {"tls": _certificate(files), "portal": _portal_certificate(files)}
    faults = (one for key, found in certificates.items() for one in _faults(key, found, now))
    return {
        "node": {
            "name": names[0] if names else "",
            "console": not files.exists(services_places.CONSOLE_FILE),
        },
        "network": _network(files, network),
        "certificate": certificates["portal"] or certificates["tls"],
        "restart_needed": _restart_needed(files),
        "faults": [fault.as_json() for fault in faults],
    }


def _network(files: Files, network: Network) -> Content:
    mode = "dhcp" if "DHCP=ipv4" in (files.read(NETWORK_FILE) or "DHCP=ipv4") else "static"
    link = network.link(INTERFACE)
    told: Content = {"interface": INTERFACE, "mode": mode, "dns": _resolvers(files)}
    if link is None:
        return {**told, "link": "missing", "addresses": [], "address_sources": {}, "gateway": ""}
    sources = {
        str(address.interface): _source(address, mode)
        for address in network.addresses(link.ifindex)
        if address.is_usable and not address.interface.ip.is_link_local
    }
    return {
        **told,
        "link": "up" if link.has_carrier else "down",
        "addresses": sorted(sources, key=_version),
        "address_sources": sources,
        "gateway": _gateway(network.default_routes(link.ifindex)),
    }


def _source(address: Address, mode: str) -> str:
    if not isinstance(address.interface, IPv6Interface):
        return mode
    return "static" if address.is_permanent else "ra"


def _version(interface: str) -> tuple[bool, str]:
    """IPv4 first: it is what was asked for."""
    return ":" in interface, interface


def _gateway(routes: Sequence[Route]) -> str:
    ways = [route for route in routes if isinstance(route.gateway, IPv4Address)]
    return str(min(ways, key=lambda route: route.metric).gateway) if ways else ""


def _resolvers(files: Files) -> list[str]:
    """Those that systemd-resolved asks, not its own stub."""
    lines = (files.read(_RESOLVERS) or "").splitlines()
    return [line.split()[1] for line in lines if line.startswith("nameserver ")]


def _certificate(files: Files) -> Content:
    found = nginx.installed(files)
    if found is None:
        return {}
    accepted = store.load(files)
    is_shared = accepted.membership is not Membership.NONE and "tls.certificate" in accepted.shared
    source = "cluster" if is_shared and found.source == "given" else found.source
    return {**found.as_json(), "source": source}


def _portal_certificate(files: Files) -> Content:
    """That of the portal's own pair, where it has one: people compare what they meet there."""
    pair = nginx.portal(files).pair
    found = nginx.pair_at(files, pair) if pair else None
    return found.as_json() if found else {}


def _served(installed: Mapping[str, Any], sha256: str) -> Content:
    """Who compares the fingerprint compares what is served, should it not be what lies there."""
    if sha256 in ("", installed.get("sha256")):
        return dict(installed)
    return {"source": "unknown", "sha256": sha256}


def _restart_needed(files: Files) -> Content:
    """As the distribution's packages say it; nobody restarts a node but its administrator."""
    packages = (files.read(f"{_RESTART_NEEDED}.pkgs") or "").split()
    because = ", ".join(dict.fromkeys(packages))
    return {"yes": files.exists(_RESTART_NEEDED), "because": because}


def _faults(category: str, certificate: Mapping[str, Any], now: datetime) -> tuple[Fault, ...]:
    last = str(certificate.get("not_after", ""))
    gone_s = seconds_since(last, now)
    if gone_s is None or gone_s <= 0:
        return ()
    return (
        Fault(
            f"{category}.certificate",
            f"the certificate that is served ended on {last.partition('T')[0]}",
            "give a new pair; where it is self-signed, see that the clock is right",
            "certificate-ended",
        ),
    )


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
