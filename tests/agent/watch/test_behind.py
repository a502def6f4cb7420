"""What the node's names left behind: followed once, and later and later where it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted
from agent.ask.wire import Request
from agent.errors import BandstandError, NotNow, NotReachable, StepFailed
from agent.services.places import TIME_GIVEN, TIME_LEASED
from agent.services.plan import time_sources
from agent.serving import observe as serving_observe
from agent.serving import plan as serving_plan
from agent.settings.cluster import Cluster
from agent.settings.declaration import Settings
from agent.settings.network import Network
from agent.settings.node import Node
from agent.settings.portal import Portal
from agent.status import fragment
from agent.system import nginx
from agent.system.host import Host
from agent.watch.behind import Follower, behind, change_of
from agent.watch.rounds import follow
from tests.agent.watch.machine import FakeNetwork, StillClock, Web, put_pair, told
from tests.fakes.apply import granting


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


def lease(host: Host, *addresses: str) -> None:
    """The kernel's own table says that these addresses are ours."""
    rows = "".join(f"  |-- {one}\n     /32 host LOCAL\n" for one in addresses)
    host.files.write("/proc/net/fib_trie", rows)


class Looks:
    """The follower looked at every second or ten, by a clock of the test's own."""

    def __init__(self, host: Host, clock: StillClock, changes: Changes) -> None:
        self.clock, self.changes = clock, changes
        self.follower = Follower(host, changes)
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
    assert behind(host) == ""
    store.save(host.files, Accepted(own=Settings(node=Node(public_address="board.example.com"))))
    assert "does not name board.example.com" in behind(host)
    lease(host)
    assert behind(host) == ""


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


def test_a_trial_of_the_network_is_not_followed_before_it_is_kept(host: Host, looks: Looks) -> None:
    fragment.put(host.files, "trial", {"trial": {"state": "waiting"}})
    lease(host, "192.0.2.21", "192.0.2.22")
    assert looks.pass_s(100) == 0
    fragment.put(host.files, "trial", {"trial": {"state": "kept"}})
    assert looks.pass_s(100) > 0


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


def test_a_refusal_stands_in_the_status(host: Host, network: FakeNetwork, web: Web) -> None:
    changes = Changes()
    changes.refusal = StepFailed("nginx does not take it")
    put_pair(host.files)
    lease(host, "192.0.2.22")
    network.give("192.0.2.22/24")
    host = Host(host.files)

    async def story() -> None:
        stop = asyncio.Event()
        follower = Follower(host, changes)
        watching = asyncio.ensure_future(
            follow(host, stop, network, follower, ask=web, round_s=1000)
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
    async def both() -> list[Request]:
        async with granting(host.files) as asked:
            await asyncio.to_thread(change_of(host))
            return asked

    assert asyncio.run(both()) == [Request("change")]
