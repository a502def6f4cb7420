"""The connections asked one after the other, each told as it ends; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from agent.accepted import acts, claim, store
from agent.accepted.store import Accepted, Membership
from agent.apply.check import Doors, check
from agent.errors import NotReachable
from agent.settings import normal
from agent.settings.secret import Secret
from agent.status import fragment, merge
from agent.system import http, nginx
from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.host import Host
from agent.system.reach import Port
from agent.system.resolver import Address
from agent.values import join_string
from tests.fakes.clock import FakeClock
from tests.fakes.kernel import Net
from tests.fakes.run import FakeRun

OWN = {
    "network.mode": "static",
    "network.address": "192.0.2.10/24",
    "network.gateway": "192.0.2.1",
    "network.dns": "192.0.2.53",
    "database.host": "db.test",
}
NAMES = ["link", "address", "gateway", "resolvers", "time", "seeds", "database", "page"]
SYNCHRONISED = "C0000235,192.0.2.123,2,1,0.1,0,0,0,0,0,0,0,64.4,Normal\n"


@dataclass
class Node:
    """A node on which all is well until something is taken away."""

    root: Path
    run: FakeRun = field(default_factory=FakeRun)
    net: Net = field(default_factory=Net)
    steps: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    mute: set[str] = field(default_factory=set[str])
    asked: list[object] = field(default_factory=list[object])
    page: http.Answer | None = None

    def __post_init__(self) -> None:
        self.host = Host(Files(self.root), self.run, FakeClock())
        self.accept()
        self.net.plug("ens32")
        self.net.give(OWN["network.address"])
        self.net.open().replace_default_route(2, IPv4Address(OWN["network.gateway"]))
        self.run.on("chronyc", "-c", "tracking", stdout=SYNCHRONISED)
        _ = self.host.files.write("/proc/net/fib_trie", "  |-- 192.0.2.10\n     /32 host LOCAL\n")
        told = nginx.Installed("given", (), "", "ab", "")
        nginx.put_pair(self.host.files, "pair-1", told, certificate_pem="c", key_pem="k")
        _ = self.host.files.link(nginx.LIVE, to="pair-1")
        self.page = http.Answer(200, "", "ab")

    def accept(self, membership: Membership = Membership.NONE) -> None:
        _ = store.save(self.host.files, Accepted(normal.from_text(OWN), {}, membership))

    def check(self) -> dict[str, str]:
        doors = Doors(self.net.open, self._silent, self._closed, self._page)
        rows = check(self.host, self.steps.append, doors=doors)["checks"]
        assert [row["name"] for row in rows] == NAMES
        assert self.steps == [
            {"name": f"check.{row['name']}", "state": row["state"], "message": row["message"]}
            for row in rows
        ]
        return {row["name"]: row["state"] for row in rows if row["state"] != "ok"}

    def _silent(self, resolvers: Sequence[Address], clock: Clock) -> tuple[Address, ...]:
        self.asked += resolvers
        return tuple(one for one in resolvers if str(one) in self.mute)

    def _closed(self, ports: Iterable[Port], clock: Clock, *, timeout_s: float) -> dict[Port, str]:
        self.asked += ports
        return {port: "shut" for port in ports if port.host in self.mute}

    def _page(self, address: str, port: int) -> http.Answer:
        self.asked.append((address, port))
        if self.page is None:
            raise NotReachable("nobody")
        return self.page


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_a_node_by_itself_on_which_all_is_well(node: Node) -> None:
    before = sorted(node.root.rglob("*"))
    assert node.check() == {"seeds": "skipped"}
    assert [str(one) for one in node.asked] == [
        "192.0.2.53",
        "db.test:5432",
        "('192.0.2.10', 443)",
    ]
    assert sorted(node.root.rglob("*")) == before


def test_without_carrier_nobody_on_the_cable_is_asked(node: Node) -> None:
    node.net.cards = [card._replace(has_carrier=False) for card in node.net.cards]
    found = node.check()
    assert (found["link"], found["gateway"], found["resolvers"]) == ("failed", "skipped", "skipped")


def test_without_a_card_everything_else_is_still_looked_at(node: Node) -> None:
    node.net.cards.clear()
    node.page = None
    found = node.check()
    assert found == {
        "link": "failed",
        "address": "failed",
        "gateway": "skipped",
        "resolvers": "skipped",
        "seeds": "skipped",
        "page": "failed",
    }


def test_who_is_silent_is_told(node: Node) -> None:
    node.net.silent.add("192.0.2.1")
    node.mute |= {"192.0.2.53", "db.test"}
    node.run.on("chronyc", "-c", "tracking", returncode=1, stdout="506 Cannot talk to daemon\n")
    node.page = http.Answer(200, "", "cd")
    assert node.check() == {
        "gateway": "failed",
        "resolvers": "failed",
        "time": "failed",
        "seeds": "skipped",
        "database": "failed",
        "page": "failed",
    }


def test_of_a_join_that_waits_one_seed_will_do(node: Node) -> None:
    seeds = [join_string.parse_seed(one) for one in ("192.0.2.11", "n2.test:14000")]
    text = join_string.format(join_string.generate(seeds))
    _ = acts.put_act(node.host.files, claim.JOIN, Secret(text))
    node.mute.add("192.0.2.11")
    assert node.check() == {}
    assert {Port("192.0.2.11", 13000), Port("n2.test", 14000)} <= set(node.asked)
    node.steps.clear()
    node.mute.add("n2.test")
    assert node.check() == {"seeds": "failed"}


def test_a_member_is_to_reach_the_others_that_count(node: Node) -> None:
    node.accept(Membership.MEMBER)
    rows = [
        {"id": "1", "address": "192.0.2.10:13000", "state": "active"},
        {"id": "2", "address": "192.0.2.11:13000", "state": "active"},
        {"id": "3", "address": "[2001:db8::3]:13000", "state": "lost"},
        {"id": "4", "address": "192.0.2.14:13000", "state": "removed"},
        {"id": "5", "address": "no host", "state": "active"},
    ]
    said = {"node": {"id": "1"}, "cluster": {"members": rows}}
    _ = fragment.put(node.host.files, "cluster", said)
    _ = merge.publish(node.host.files)
    assert node.check() == {}
    asked = {one for one in node.asked if isinstance(one, Port) and one.number == 13000}
    assert asked == {Port("192.0.2.11", 13000), Port("2001:db8::3", 13000)}
    node.steps.clear()
    node.mute.add("2001:db8::3")
    assert node.check() == {"seeds": "failed"}


def test_before_a_certificate_is_served_the_page_is_not_asked(node: Node) -> None:
    _ = node.host.files.remove(nginx.LIVE)
    assert node.check() == {"seeds": "skipped", "page": "skipped"}
