"""What is true now: told at once, proven by asking, renewed so that silence stands out."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_interface, ip_network
from pathlib import Path
from typing import Any

import pytest

from agent import watch
from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.ask import sockets
from agent.ask.serve import Peer, TellStep, answer_stream
from agent.ask.wire import Request
from agent.errors import BandstandError, NotNow, NotReachable, StepFailed
from agent.network.state import NETWORK_FILE
from agent.services.places import CONSOLE_FILE, TIME_GIVEN, TIME_LEASED
from agent.services.plan import time_sources
from agent.serving import observe as serving_observe
from agent.serving import plan as serving_plan
from agent.settings.cluster import Cluster
from agent.settings.declaration import Settings
from agent.settings.network import Network
from agent.settings.node import Node
from agent.settings.portal import Portal
from agent.settings.secret import Secret
from agent.status import merge
from agent.system import nginx
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from agent.system.http import Answer
from agent.system.netlink import Address, Link, Route
from tests.fakes.issuer import issue

PAIR = issue("node-1")
RESOLVED = "/run/systemd/resolve/resolv.conf"


class StillClock(Clock):
    """Time moves when a test says so."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 7, 1, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return self.seconds

    def go_on(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.seconds += seconds


class FakeNetwork:
    """A kernel with one card; `change` tells of it as netlink does."""

    def __init__(self) -> None:
        self.has_carrier = True
        self.is_there = True
        self.addresses_: list[Address] = []
        self.gateway: str | None = "192.0.2.1"
        self.reading, self.writing = os.pipe()

    def close(self) -> None:
        os.close(self.reading)
        os.close(self.writing)

    def give(self, text: str, *, permanent: bool = True, usable: bool = True) -> None:
        self.addresses_.append(Address(2, ip_interface(text), None, usable, permanent))

    def change(self) -> None:
        os.write(self.writing, b"x")

    def link(self, name: str) -> Link | None:
        up = self.has_carrier
        return Link(2, name, "00:00:5e:00:53:01", True, True, up) if self.is_there else None

    def addresses(self, index: int) -> tuple[Address, ...]:
        return tuple(self.addresses_)

    def default_routes(self, index: int) -> tuple[Route, ...]:
        everywhere = ip_network("0.0.0.0/0")
        ways = [Route(everywhere, IPv4Address("192.0.2.254"), 2, 254, 16, 1024)]
        if self.gateway:
            ways.append(Route(everywhere, IPv4Address(self.gateway), 2, 254, 4, 0))
        return tuple(ways) if self.gateway else ()

    def fileno(self) -> int:
        return self.reading

    def drain(self) -> None:
        os.read(self.reading, 100)


class Web:
    """The node's own web page as asked for: answers `status`, or nobody does."""

    def __init__(self) -> None:
        self.status: int | None = 200
        self.sha256 = PAIR.sha256
        self.asked: list[tuple[str, str, int]] = []

    def __call__(self, address: str, path: str, port: int = 443) -> Answer:
        self.asked.append((address, path, port))
        if self.status is None:
            raise NotReachable("nobody")
        return Answer(self.status, "", self.sha256)


class Changes:
    """bandstand-apply as asked for a change: refuses with `refusal`, else does what `then` does."""

    def __init__(self, then: Callable[[], object] = dict) -> None:
        self.then = then
        self.refusal: BandstandError | None = None
        self.count = 0

    def __call__(self) -> None:
        self.count += 1
        if self.refusal is not None:
            raise self.refusal
        self.then()


@pytest.fixture
def network() -> Iterator[FakeNetwork]:
    made = FakeNetwork()
    yield made
    made.close()


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def host(tmp_path: Path, clock: StillClock) -> Host:
    host = Host(files=Files(tmp_path), clock=clock)
    host.files.write("/etc/hostname", "node-1\n")
    host.files.write(NETWORK_FILE, "[Network]\nDHCP=no\nAddress=192.0.2.21/24\n")
    host.files.write(RESOLVED, "# x\nnameserver 192.0.2.53\nnameserver 192.0.2.54\nsearch .\n")
    return host


def put_pair(
    files: Files,
    source: str = "self-signed",
    not_after: str = "2027-01-01",
    names: tuple[str, ...] = ("node-1",),
) -> None:
    told = nginx.Installed(source, names, f"{not_after}T00:00:00Z", PAIR.sha256, "key")
    nginx.put_pair(files, "pair-1", told, certificate_pem=PAIR.pem, key_pem=PAIR.key_pem)
    files.link(nginx.LIVE, to="pair-1")


def told(host: Host) -> dict[str, Any]:
    return merge.published(host.files)


def one_round(host: Host, network: FakeNetwork, web: Web) -> dict[str, Any]:
    asyncio.run(watch.Watcher(host, network, web).round())
    return told(host)


def test_a_static_node_is_told_whole(host: Host, network: FakeNetwork, web: Web) -> None:
    network.give("192.0.2.21/24")
    put_pair(host.files)

    status = one_round(host, network, web)

    assert status["node"] == {"name": "node-1", "console": True}
    assert status["network"] == {
        "interface": "ens32",
        "mode": "static",
        "addresses": ["192.0.2.21/24"],
        "address_sources": {"192.0.2.21/24": "static"},
        "gateway": "192.0.2.1",
        "dns": ["192.0.2.53", "192.0.2.54"],
        "link": "up",
    }
    assert status["certificate"] == {
        "source": "self-signed",
        "names": ["node-1"],
        "not_after": "2027-01-01T00:00:00Z",
        "sha256": PAIR.sha256,
    }
    assert (status["url"], status["url_answers"]) == ("https://192.0.2.21/cluster", True)
    assert web.asked == [("192.0.2.21", "/cluster", 443)]
    assert status["faults"] == []


def test_each_address_has_its_source(host: Host, network: FakeNetwork, web: Web) -> None:
    host.files.write(NETWORK_FILE, "[Network]\nDHCP=ipv4\n")
    network.give("2001:db8::1/64", permanent=False)
    network.give("2001:db8::2/64")
    network.give("192.0.2.21/24", permanent=False)
    network.give("fe80::1/64")
    network.give("192.0.2.99/24", usable=False)

    found = one_round(host, network, web)["network"]

    assert found["mode"] == "dhcp"
    assert found["addresses"] == ["192.0.2.21/24", "2001:db8::1/64", "2001:db8::2/64"]
    assert found["address_sources"] == {
        "192.0.2.21/24": "dhcp",
        "2001:db8::1/64": "ra",
        "2001:db8::2/64": "static",
    }


def test_without_an_address_nothing_is_asked_nor_offered(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    network.has_carrier, network.gateway = False, None

    status = one_round(host, network, web)

    assert status["network"]["link"] == "down"
    assert status["network"]["gateway"] == ""
    assert (status["url"], status["url_answers"]) == ("", False)
    assert web.asked == []


def test_a_card_that_is_gone_is_missing(host: Host, network: FakeNetwork, web: Web) -> None:
    network.is_there = False

    assert one_round(host, network, web)["network"]["link"] == "missing"


def test_ipv6_alone_makes_a_url_in_brackets(host: Host, network: FakeNetwork, web: Web) -> None:
    network.give("2001:db8::1/64")

    assert one_round(host, network, web)["url"] == "https://[2001:db8::1]/cluster"
    assert web.asked == [("2001:db8::1", "/cluster", 443)]


def test_the_url_is_the_public_one_and_is_tried_from_inside(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    network.give("192.0.2.21/24")
    node = Node(public_address="2001:db8::99", console=False)
    store.save(host.files, Accepted(own=Settings(node=node)))
    host.files.write(CONSOLE_FILE, "")

    status = one_round(host, network, web)

    assert (status["url"], status["url_answers"]) == ("https://[2001:db8::99]/cluster", True)
    assert web.asked == [("192.0.2.21", "/cluster", 443)]
    assert status["node"]["console"] is False


def test_a_portal_of_its_own_is_where_the_configuration_has_it(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    network.give("192.0.2.21/24")
    put_pair(host.files, not_after="2026-06-30")
    other = issue("portal.example.com")
    web.sha256, name = other.sha256, nginx.pair_name(other.pem)
    told_of = nginx.Installed("given", ("portal",), "2026-06-29T00:00:00Z", other.sha256, "key")
    nginx.put_pair(host.files, name, told_of, certificate_pem=other.pem, key_pem=other.key_pem)
    host.files.write(nginx.CONFIG, f"# made\n# portal 8443 {name}\n")

    status = one_round(host, network, web)

    assert status["url"] == "https://192.0.2.21:8443/cluster"
    assert web.asked == [("192.0.2.21", "/cluster", 8443)]
    assert (status["certificate"]["sha256"], status["certificate"]["names"]) == (
        other.sha256,
        ["portal"],
    )
    ended = {fault["setting"]: fault["message"] for fault in status["faults"]}
    assert {key: words[-10:] for key, words in ended.items()} == {
        "tls.certificate": "2026-06-30",
        "portal.certificate": "2026-06-29",
    }


@pytest.mark.parametrize("status", [None, 500, 502, 503, 404])
def test_a_page_that_does_not_answer_well_is_not_offered(
    host: Host, network: FakeNetwork, web: Web, status: int | None
) -> None:
    network.give("192.0.2.21/24")
    web.status = status

    assert one_round(host, network, web)["url_answers"] is False


def test_since_tells_when_it_began_to_answer_or_stopped(
    host: Host, network: FakeNetwork, web: Web, clock: StillClock
) -> None:
    async def story() -> list[tuple[bool, str]]:
        watcher = watch.Watcher(host, network, web)
        seen: list[tuple[bool, str]] = []
        for answer in (None, None, 200, 200, None, None):
            web.status = answer
            await watcher.round()
            seen.append((told(host)["url_answers"], told(host)["url_since"][-6:-1]))
            clock.go_on(10)
        return seen

    network.give("192.0.2.21/24")

    assert asyncio.run(story()) == [
        (False, "00:00"),
        (False, "00:00"),
        (True, "00:20"),
        (True, "00:20"),
        (False, "00:40"),
        (False, "00:40"),
    ]


def test_a_new_address_is_not_offered_before_it_answered(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    offered: list[tuple[str, bool]] = []

    def ask(address: str, path: str, port: int = 443) -> Answer:
        offered.append((told(host)["url"], told(host)["url_answers"]))
        return web(address, path, port)

    async def story() -> None:
        watcher = watch.Watcher(host, network, ask)
        network.give("192.0.2.21/24")
        await watcher.round()
        network.addresses_.clear()
        network.give("192.0.2.22/24")
        await watcher.round()

    asyncio.run(story())

    assert offered == [
        ("https://192.0.2.21/cluster", False),
        ("https://192.0.2.22/cluster", False),
    ]
    assert told(host)["url_answers"] is True


def test_who_compares_fingerprints_compares_what_is_served(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    network.give("192.0.2.21/24")
    put_pair(host.files)
    web.sha256 = "00" * 32

    assert one_round(host, network, web)["certificate"] == {
        "source": "unknown",
        "sha256": "00" * 32,
    }


def test_a_shared_certificate_is_the_clusters(host: Host, network: FakeNetwork, web: Web) -> None:
    put_pair(host.files, source="given")
    shared: dict[str, str | Secret] = {"tls.certificate": PAIR.pem}
    store.save(host.files, Accepted(shared=shared, membership=Membership.MEMBER))

    assert one_round(host, network, web)["certificate"]["source"] == "cluster"


def test_a_certificate_that_ended_is_a_fault(host: Host, network: FakeNetwork, web: Web) -> None:
    put_pair(host.files, not_after="2026-06-30")

    faults = one_round(host, network, web)["faults"]

    assert [(fault["setting"], fault["code"]) for fault in faults] == [
        ("tls.certificate", "certificate-ended")
    ]
    assert "2026-06-30" in faults[0]["message"]


def test_it_is_published_when_it_changed_and_once_a_round(
    host: Host, network: FakeNetwork, web: Web, clock: StillClock
) -> None:
    async def story() -> list[str]:
        watcher = watch.Watcher(host, network, web)
        seen: list[str] = []
        for pause_s in (0, 5, 5, 6):
            clock.go_on(pause_s)
            await watcher.round()
            seen.append(told(host)["updated"][-6:-1])
        return seen

    network.give("192.0.2.21/24")

    assert asyncio.run(story()) == ["00:00", "00:00", "00:00", "00:16"]


def test_a_round_that_cannot_write_is_followed_by_another(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    folder = host.files.path("/run/bandstand")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    watcher = watch.Watcher(host, network, web)

    asyncio.run(watcher.round())
    folder.unlink()
    asyncio.run(watcher.round())

    assert told(host)["node"]["name"] == "node-1"


def test_an_event_of_the_kernel_is_told_at_once_and_stop_ends_it(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    async def until(address: str) -> None:
        while address not in json.dumps(told(host)):
            await asyncio.sleep(0.01)

    async def story() -> None:
        stop = asyncio.Event()
        follower = watch.Follower(host, Changes())
        watching = asyncio.ensure_future(
            watch.follow(host, stop, network, follower, ask=web, round_s=1000)
        )
        try:
            async with asyncio.timeout(5):
                await until("192.0.2.21")
                network.give("192.0.2.22/24")
                network.change()
                await until("192.0.2.22")
                stop.set()
                await watching
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    network.give("192.0.2.21/24")
    asyncio.run(story())


def lease(host: Host, *addresses: str) -> None:
    """The kernel's own table says that these addresses are ours."""
    rows = "".join(f"  |-- {one}\n     /32 host LOCAL\n" for one in addresses)
    host.files.write("/proc/net/fib_trie", rows)


class Looks:
    """The follower looked at every second or ten, by a clock of the test's own."""

    def __init__(self, host: Host, clock: StillClock, changes: Changes) -> None:
        self.clock, self.changes = clock, changes
        self.follower = watch.Follower(host, changes)
        self.ended = 0

    def pass_s(self, seconds: int) -> int:
        """How often a change was asked for meanwhile."""
        before = self.changes.count
        asyncio.run(self._pass(seconds))
        return self.changes.count - before

    async def _pass(self, seconds: int) -> None:
        step = 1 if seconds <= 100 else 10
        for _ in range(seconds // step):
            self.clock.go_on(step)
            ended = self.ended
            if self.follower.look(then=self._end) == float("inf") and self.follower.is_asking:
                while self.ended == ended:
                    await asyncio.sleep(0.001)

    def _end(self) -> None:
        self.ended += 1


@pytest.fixture
def changes(host: Host) -> Changes:
    return Changes()


@pytest.fixture
def looks(host: Host, clock: StillClock, changes: Changes) -> Looks:
    put_pair(host.files, names=("node-1", "192.0.2.21"))
    lease(host, "192.0.2.21")
    return Looks(host, clock, changes)


def test_a_lease_that_changed_is_followed_once(host: Host, looks: Looks, changes: Changes) -> None:
    changes.then = lambda: put_pair(host.files, names=("node-1", "192.0.2.22"))
    assert looks.pass_s(100) == 0
    lease(host, "192.0.2.22")
    assert looks.pass_s(2) == 0
    assert looks.pass_s(1000) == 1
    assert looks.follower.faults == ()


def test_a_lease_that_is_gone_for_a_moment_or_comes_back_is_not_followed(
    host: Host, looks: Looks
) -> None:
    for addresses in ((), ("192.0.2.21",), ("192.0.2.22",), ("192.0.2.21",)):
        lease(host, *addresses)
        assert looks.pass_s(2) == 0
    assert looks.pass_s(1000) == 0


def test_a_public_address_that_came_is_followed(host: Host, looks: Looks) -> None:
    assert watch.behind(host) == ""
    store.save(host.files, Accepted(own=Settings(node=Node(public_address="board.example.com"))))
    assert "does not name board.example.com" in watch.behind(host)
    lease(host)
    assert watch.behind(host) == ""


@pytest.mark.parametrize("refusal", [NotNow("not now"), StepFailed("no"), NotReachable("nobody")])
def test_what_apply_refuses_is_told_and_asked_again_later_and_later(
    host: Host, looks: Looks, changes: Changes, refusal: BandstandError
) -> None:
    changes.refusal = refusal
    lease(host, "192.0.2.22")
    assert looks.pass_s(4) == 1
    assert [fault.code for fault in looks.follower.faults] == ["behind"]
    assert refusal.message in looks.follower.faults[0].message
    assert looks.pass_s(60) == 2
    assert looks.pass_s(3600) < 10
    changes.refusal = None
    changes.then = lambda: put_pair(host.files, names=("node-1", "192.0.2.22"))
    assert looks.pass_s(1000) == 1
    assert looks.follower.faults == ()


def test_another_address_is_followed_at_once_after_a_refusal(
    host: Host, looks: Looks, changes: Changes
) -> None:
    changes.refusal = NotNow("not now")
    lease(host, "192.0.2.22")
    looks.pass_s(3600)
    lease(host, "192.0.2.23")
    assert looks.pass_s(11) == 1


def test_an_address_that_comes_and_goes_is_not_followed_every_time(
    host: Host, looks: Looks, changes: Changes
) -> None:
    for number in range(20):
        lease(host, f"192.0.2.{30 + number % 2}")
        looks.pass_s(3)
    assert changes.count <= 6


def test_a_change_that_changes_nothing_is_no_loop(host: Host, looks: Looks) -> None:
    lease(host, "192.0.2.22")
    assert looks.pass_s(3600) < 12


def test_a_given_certificate_is_the_operators_whatever_the_address(
    host: Host, looks: Looks
) -> None:
    put_pair(host.files, source="given")
    lease(host, "192.0.2.22")
    assert looks.pass_s(1000) == 0


def test_a_self_signed_certificate_is_renewed_while_the_node_runs(
    host: Host, looks: Looks, clock: StillClock, changes: Changes
) -> None:
    assert looks.pass_s(100) == 0
    clock.go_on(160 * 86400)
    assert looks.pass_s(5) == 1


def test_before_the_first_certificate_there_is_nothing_to_follow(
    host: Host, clock: StillClock, changes: Changes
) -> None:
    lease(host, "192.0.2.22")
    assert Looks(host, clock, changes).pass_s(100) == 0


def test_the_management_names_in_nginx_are_followed_too(
    host: Host, looks: Looks, changes: Changes
) -> None:
    def configure() -> None:
        settings = store.load(host.files).effective()
        key = serving_plan.plan(settings, serving_observe.observe(host)).config_key
        host.files.write(nginx.CONFIG, nginx.with_key("# what the template makes", key))

    put_pair(host.files, source="given")
    store.save(host.files, Accepted(own=Settings(cluster=Cluster(hostname="board.example.com"))))
    configure()
    changes.then = configure
    assert looks.pass_s(100) == 0
    lease(host, "192.0.2.22")
    assert looks.pass_s(1000) == 1
    wanted = store.load(host.files).effective()._replace(portal=Portal(port=8443))
    store.save(host.files, Accepted(own=wanted))
    assert looks.pass_s(1000) == 0, "a portal that fell back is no matter of names"
    host.files.write(nginx.CONFIG, "# by hand")
    assert looks.pass_s(1000) == 0


def test_the_leases_time_servers_are_followed(host: Host, looks: Looks, changes: Changes) -> None:
    def lay() -> None:
        host.files.write(TIME_LEASED, time_sources(("192.0.2.9",)) or "")

    changes.then = lay
    assert looks.pass_s(100) == 0
    host.files.write("/run/systemd/netif/state", "NTP=192.0.2.9\n")
    assert looks.pass_s(1000) == 1
    given = Network(ntp=("ntp1",))
    store.save(host.files, Accepted(own=Settings(network=given)))
    host.files.write(TIME_GIVEN, time_sources(given.ntp) or "")
    host.files.remove(TIME_LEASED)
    assert looks.pass_s(1000) == 0


def test_a_restart_that_updates_need_is_told_and_not_a_fault(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    assert one_round(host, network, web)["restart_needed"] == {"yes": False, "because": ""}
    host.files.write("/run/reboot-required", "")
    host.files.write("/run/reboot-required.pkgs", "linux-image-amd64\nlibc6\nlibc6\n")
    status = one_round(host, network, web)
    assert status["restart_needed"] == {"yes": True, "because": "linux-image-amd64, libc6"}
    assert status["faults"] == []


def test_a_refusal_stands_in_the_status(host: Host, network: FakeNetwork, web: Web) -> None:
    changes = Changes()
    changes.refusal = StepFailed("nginx does not take it")
    put_pair(host.files)
    lease(host, "192.0.2.22")
    network.give("192.0.2.22/24")
    host = Host(host.files)

    async def story() -> None:
        stop = asyncio.Event()
        follower = watch.Follower(host, changes)
        watching = asyncio.ensure_future(
            watch.follow(host, stop, network, follower, ask=web, round_s=1000)
        )
        async with asyncio.timeout(10):
            while not told(host).get("faults"):
                await asyncio.sleep(0.01)
        stop.set()
        await watching

    asyncio.run(story())
    assert [fault["code"] for fault in told(host)["faults"]] == ["behind"]
    assert changes.count == 1


@pytest.mark.outside
def test_the_change_is_asked_of_apply(host: Host) -> None:
    asked: list[Request] = []

    async def act(request: Request, _: Peer, __: TellStep) -> dict[str, Any]:
        asked.append(request)
        return {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer_stream(reader, writer, act)

    async def both() -> None:
        path = host.files.path(sockets.APPLY)
        path.parent.mkdir(parents=True)
        async with await asyncio.start_unix_server(connected, path):
            await asyncio.to_thread(watch.change_of(host))

    asyncio.run(both())
    assert asked == [Request("change")]
