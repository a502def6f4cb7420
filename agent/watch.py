"""What is true now, kept current in the status: name, network, certificate, and the web page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Interface
from typing import Any, Protocol

from agent.accepted import store
from agent.accepted.store import Membership
from agent.errors import BandstandError, Fault
from agent.network.state import INTERFACE, NETWORK_FILE
from agent.status import fragment, merge
from agent.status.words import seconds_since
from agent.system import http, nginx, own
from agent.system.clock import stamp
from agent.system.files import Files
from agent.system.host import Host
from agent.system.netlink import Address, Kernel, Link, Route

PROCESS = "watch"

_PAGE = "/cluster"
_RESOLVERS = "/run/systemd/resolve/resolv.conf"
# Faces call news stale after three of these.
_ROUND_S = 15.0
_ROUND_UNTIL_IT_ANSWERS_S = 2.0
# One change of a card comes as a burst of events.
_BURST_S = 0.2
_PROBE_S = 5.0
_FIRST_ERROR = 400

log = logging.getLogger(__name__)

Content = dict[str, Any]


class Network(Protocol):
    """What is wanted of the kernel here: agent.system.netlink.Kernel has it."""

    def link(self, name: str) -> Link | None: ...
    def addresses(self, index: int) -> tuple[Address, ...]: ...
    def default_routes(self, index: int) -> tuple[Route, ...]: ...
    def fileno(self) -> int: ...
    def drain(self) -> None: ...


Ask = Callable[[str, str], http.Answer]


def _ask(address: str, path: str) -> http.Answer:
    return http.ask(address, path=path, timeout_s=_PROBE_S)


async def watch(host: Host, stop: asyncio.Event) -> None:
    """Runs until `stop`; what cannot be read or written now is tried again in the next round."""
    with Kernel() as kernel:
        await follow(host, stop, kernel)


async def follow(
    host: Host, stop: asyncio.Event, network: Network, *, ask: Ask = _ask, round_s: float = _ROUND_S
) -> None:
    """`watch` on a given network, with a given way to ask for the page."""
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
            answers = await watcher.round()
            wait_s = round_s if answers else min(round_s, _ROUND_UNTIL_IT_ANSWERS_S)
            await _first_of((stop, changed), wait_s)
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

    async def round(self) -> bool:
        """Tell what the node is, then whether its page answers; returns the latter."""
        try:
            content = facts(self.host, self.network)
            self.page = self.page.at(_url(content), self.host.clock.now())
            self._tell(content)
            self.page = await self._asked()
            self._tell(content)
        except (BandstandError, OSError) as error:
            log.warning("this round told nothing: %s", error)
        return self.page.answers

    async def _asked(self) -> Page:
        if not self.page.url:
            return self.page
        address = self.page.url.removeprefix("https://").partition("/")[0].strip("[]")
        try:
            answer = await asyncio.to_thread(self.ask, address, _PAGE)
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
    names = own.names(files)
    certificate = _certificate(files)
    return {
        "node": {"name": names[0] if names else ""},
        "network": _network(files, network),
        "certificate": certificate,
        "faults": [fault.as_json() for fault in _faults(certificate, host.clock.now())],
    }


def _network(files: Files, network: Network) -> Content:
    mode = "dhcp" if "DHCP=ipv4" in (files.read(NETWORK_FILE) or "DHCP=ipv4") else "static"
    link = network.link(INTERFACE)
    told: Content = {"interface": INTERFACE, "mode": mode, "dns": _resolvers(files)}
    if link is None:
        return {**told, "link": "missing", "addresses": [], "address_sources": {}, "gateway": ""}
    sources = {
        str(address.interface): _source(address, mode)
        for address in network.addresses(link.index)
        if address.is_usable and not address.interface.ip.is_link_local
    }
    return {
        **told,
        "link": "up" if link.has_carrier else "down",
        "addresses": sorted(sources, key=_version),
        "address_sources": sources,
        "gateway": _gateway(network.default_routes(link.index)),
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


def _served(installed: Mapping[str, Any], sha256: str) -> Content:
    """Who compares the fingerprint compares what is served, should it not be what lies there."""
    if sha256 in ("", installed.get("sha256")):
        return dict(installed)
    return {"source": "unknown", "sha256": sha256}


def _faults(certificate: Mapping[str, Any], now: datetime) -> tuple[Fault, ...]:
    last = str(certificate.get("not_after", ""))
    gone_s = seconds_since(last, now)
    if gone_s is None or gone_s <= 0:
        return ()
    return (
        Fault(
            "tls.certificate",
            f"the certificate that is served ended on {last.partition('T')[0]}",
            "give a new pair; where it is self-signed, see that the clock is right",
            "certificate-ended",
        ),
    )


def _url(content: Content) -> str:
    addresses = content["network"]["addresses"]
    if not addresses:
        return ""
    address = str(addresses[0]).partition("/")[0]
    return f"https://[{address}]{_PAGE}" if ":" in address else f"https://{address}{_PAGE}"


async def _first_of(events: Sequence[asyncio.Event], timeout_s: float) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    _ = await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        _ = wait.cancel()
