"""What is true now: told at once, proven by asking, renewed so that silence stands out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from agent.accepted import store
from agent.accepted.store import Accepted, Membership
from agent.network.state import NETWORK_FILE
from agent.settings.declaration import Settings
from agent.settings.node import Node
from agent.settings.secret import Secret
from agent.system import nginx
from agent.system.host import Host
from agent.system.http import Answer
from agent.watch.behind import Follower
from agent.watch.rounds import Watcher, follow
from tests.agent.watch.machine import PAIR, FakeNetwork, StillClock, Web, put_pair, told
from tests.fakes.issuer import issue


def one_round(host: Host, network: FakeNetwork, web: Web) -> dict[str, Any]:
    asyncio.run(Watcher(host, network, web).round())
    return told(host)


def _unasked() -> None:
    raise AssertionError("a change was asked for")


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
        "other_cards": [],
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
    host.files.write(NETWORK_FILE, "[Network]\nDHCP=ipv4\nAddress=2001:db8::2/64\n")
    network.give("2001:db8::1/64", permanent=False)
    network.give("2001:db8::2/64")
    network.give("2001:db8::3/64")
    network.give("192.0.2.21/24", permanent=False)
    network.give("fe80::1/64")
    network.give("192.0.2.99/24", usable=False)

    found = one_round(host, network, web)["network"]

    assert found["mode"] == "dhcp"
    assert found["addresses"] == ["192.0.2.21/24", *(f"2001:db8::{n}/64" for n in (1, 2, 3))]
    assert found["address_sources"] == {
        "192.0.2.21/24": "dhcp",
        "2001:db8::1/64": "ra",
        "2001:db8::2/64": "static",
        "2001:db8::3/64": "ra",
    }


def test_an_address_under_trial_is_static_beside_a_lease(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    host.files.write(NETWORK_FILE, "[Network]\nDHCP=ipv4\n")
    network.give("192.0.2.21/24", permanent=False)
    network.give("192.0.2.99/24")

    found = one_round(host, network, web)["network"]

    assert found["address_sources"] == {"192.0.2.21/24": "dhcp", "192.0.2.99/24": "static"}


def test_so_it_is_where_there_was_none(host: Host, network: FakeNetwork, web: Web) -> None:
    host.files.write(NETWORK_FILE, "[Network]\nDHCP=ipv4\n")
    network.gateway = None
    network.give("192.0.2.99/24")

    found = one_round(host, network, web)["network"]

    assert found["address_sources"] == {"192.0.2.99/24": "static"}


def test_a_lease_under_trial_is_one(host: Host, network: FakeNetwork, web: Web) -> None:
    host.files.write(NETWORK_FILE, "[Network]\nAddress=192.0.2.21/24\n")
    network.give("192.0.2.21/24")
    network.give("192.0.2.99/24", permanent=False)

    found = one_round(host, network, web)["network"]

    assert found["address_sources"] == {"192.0.2.21/24": "static", "192.0.2.99/24": "dhcp"}


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
        watcher = Watcher(host, network, web)
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
        watcher = Watcher(host, network, ask)
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


def test_an_end_that_is_near_is_a_notice_and_a_clock_that_is_wrong_a_fault(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    network.give("192.0.2.21/24")
    put_pair(host.files, source="given", not_after="2026-07-11")
    host.files.write("/etc/bandstand/release", "VERSION=1\nBUILT=2026-07-02T00:00:00Z\n")

    status = one_round(host, network, web)

    assert [fault["code"] for fault in status["faults"]] == ["clock-behind"]
    assert ["in 10 days" in notice for notice in status["notices"]] == [True]
    assert status["certificate"]["days_left"] == 10


def test_it_is_published_when_it_changed_and_once_a_round(
    host: Host, network: FakeNetwork, web: Web, clock: StillClock
) -> None:
    async def story() -> list[str]:
        watcher = Watcher(host, network, web)
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
    watcher = Watcher(host, network, web)

    asyncio.run(watcher.round())
    folder.unlink()
    asyncio.run(watcher.round())

    assert told(host)["node"]["name"] == "node-1"


def follows(
    host: Host, network: FakeNetwork, web: Web, tale: Callable[[], Awaitable[None]]
) -> None:
    """What `tale` tells, while rounds come only for a reason."""

    async def story() -> None:
        stop = asyncio.Event()
        follower = Follower(host, _unasked)
        watching = asyncio.ensure_future(
            follow(host, stop, network, follower, ask=web, round_s=1000)
        )
        try:
            async with asyncio.timeout(5):
                await tale()
                stop.set()
                await watching
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    asyncio.run(story())


async def until(host: Host, text: str) -> None:
    while text not in json.dumps(told(host)):
        await asyncio.sleep(0.01)


def test_an_event_of_the_kernel_is_told_at_once_and_stop_ends_it(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    async def tale() -> None:
        await until(host, "192.0.2.21")
        network.give("192.0.2.22/24")
        network.change()
        await until(host, "192.0.2.22")

    network.give("192.0.2.21/24")
    follows(host, network, web, tale)


def test_another_certificate_is_told_at_once(host: Host, network: FakeNetwork, web: Web) -> None:
    other = issue("node-2")

    async def tale() -> None:
        await until(host, PAIR.sha256)
        web.sha256 = other.sha256
        put_pair(host.files, source="given", pair=other)
        await until(host, other.sha256)

    network.give("192.0.2.21/24")
    put_pair(host.files)
    follows(host, network, web, tale)
    assert told(host)["certificate"]["source"] == "given"


def test_a_certificate_that_nobody_asked_for_yet_is_what_lies_there(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    """What was served before it came says nothing about it."""
    other = issue("node-2")
    offered: list[str] = []

    def ask(address: str, path: str, port: int = 443) -> Answer:
        offered.append(told(host)["certificate"]["sha256"])
        return web(address, path, port)

    async def story() -> None:
        watcher = Watcher(host, network, ask)
        await watcher.round()
        put_pair(host.files, source="given", pair=other)
        await watcher.round()

    network.give("192.0.2.21/24")
    put_pair(host.files)
    asyncio.run(story())
    assert offered == [PAIR.sha256, other.sha256]
    assert told(host)["certificate"] == {"source": "unknown", "sha256": PAIR.sha256}


def test_a_restart_that_updates_need_is_told_and_not_a_fault(
    host: Host, network: FakeNetwork, web: Web
) -> None:
    assert one_round(host, network, web)["restart_needed"] == {"yes": False, "because": ""}
    host.files.write("/run/reboot-required", "")
    host.files.write("/run/reboot-required.pkgs", "linux-image-amd64\nlibc6\nlibc6\n")
    status = one_round(host, network, web)
    assert status["restart_needed"] == {"yes": True, "because": "linux-image-amd64, libc6"}
    assert status["faults"] == []
