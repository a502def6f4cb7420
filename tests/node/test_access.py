"""The console's user on a real node: what it may ask before and after the claim, and by PAM.

Two nodes: one stays unclaimed and is reset, one is claimed by a join that never finds its seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.fleet import Fleet
from tests.lab.network import Network
from tests.lab.node import Node
from tests.node.conftest import PUBLIC_KEY

pytestmark = pytest.mark.node

_PASSWORD = "correct horse battery"
_RESET_S = 120
# Asks on connections that it holds by name, as consoles do, and says what came of each, in a line.
_ASKING = """
import json, sys
from collections import defaultdict
sys.path += ["/usr/lib/bandstand", "/usr/lib/python3/dist-packages"]
from agent.ask import sockets
from agent.ask.line import Line
from agent.errors import BandstandError
lines = defaultdict(lambda: Line(sockets.APPLY, timeout_s=60))
for row in sys.stdin:
    name, verb, args = json.loads(row)
    try:
        said = lines[name].ask(verb, args)
    except BandstandError as error:
        said = {"error": error.code, "message": error.message}
    print(json.dumps(said), flush=True)
"""
_SEEDLESS = "203.0.113.9:13000"


def _console(node: Node, *asked: tuple[str, dict[str, Any]]) -> list[Any]:
    return _consoles(node, *(("one", *row) for row in asked))


def _consoles(node: Node, *asked: tuple[str, str, dict[str, Any]]) -> list[Any]:
    """Each request over the connection that it names; all are held until the last answer."""
    rows = "".join(json.dumps(one) + "\n" for one in asked)
    as_console = ("setpriv", "--reuid=bandstand-console", "--regid=bandstand-console")
    python = ("/usr/bin/python3", "-IS", "-c", _ASKING)
    said = node.check(*as_console, "--init-groups", *python, stdin=rows)
    return [json.loads(line) for line in said.splitlines()]


@pytest.fixture(scope="module")
def unclaimed(fleet: Fleet, network: Network) -> Iterator[Node]:
    address = network.address(71)
    properties = {
        "network.address": f"{address}/24",
        "network.gateway": network.gateway,
        "network.dns": network.gateway,
        "node.name": "unclaimed",
        "node.timezone": "Mars/Olympus",
    }
    yield fleet.boot(fleet.make("unclaimed", properties), address=address)
    fleet.containers["unclaimed"].power_off()


def test_before_the_claim_the_console_may_all_but_a_shell(unclaimed: Node) -> None:
    access, code, shell = _console(
        unclaimed, ("access", {}), ("code", {}), ("shell", {"open": True})
    )
    assert (access["claim"], access["recovery"]) == ("unclaimed", False)
    assert len(code["code"]) == 9
    assert shell["error"] == "forbidden"
    assert unclaimed.ask("bandstand", "node", "code", "--json") == code


def test_a_form_begins_with_what_was_refused(unclaimed: Node) -> None:
    (said,) = _console(unclaimed, ("settings", {}))
    assert said["asked"] == {"node.timezone": "Mars/Olympus"}
    assert [fault["setting"] for fault in said["faults"]] == ["node.timezone"]
    assert said["accepted"]["node.name"] == "unclaimed"


def test_what_is_set_right_is_in_force_and_its_fault_is_over(unclaimed: Node) -> None:
    bad, good = _console(
        unclaimed,
        ("node-set", {"settings": {"node.timezone": "Mars/Base", "node.name": "a b"}}),
        ("node-set", {"settings": {"node.timezone": "Europe/Berlin", "node.name": "righted"}}),
    )
    assert bad["error"] == "refused"
    assert good["changed"] is True
    assert unclaimed.check("readlink", "/etc/localtime").strip().endswith("Europe/Berlin")
    assert unclaimed.check("hostname").strip() == "righted"
    told = unclaimed.wait(
        lambda status: not status["faults"], within_s=30, what="a status without faults"
    )
    assert told["node"]["name"] == "righted"


def test_every_connection_is_looked_at(unclaimed: Node) -> None:
    (said,) = _console(unclaimed, ("check", {}))
    states = {row["name"]: row["state"] for row in said["checks"]}
    assert states["link"] == states["address"] == states["gateway"] == states["resolvers"] == "ok"
    assert states["page"] == "ok"


def test_the_firewall_is_loaded_once_more(unclaimed: Node) -> None:
    _ = unclaimed.check("nft", "flush", "ruleset")
    (said,) = _console(unclaimed, ("firewall", {}))
    assert said == {"changed": True}
    assert "portal and payload" in unclaimed.check("nft", "list", "ruleset")


def test_a_form_that_another_holds_is_told(unclaimed: Node) -> None:
    """Who has it, and since when; who takes it over has it, and the first one is told so."""
    form = {"form": "network"}
    opened, told, taken, lost, done, again = _consoles(
        unclaimed,
        ("one", "editing", form),
        ("two", "editing", form),
        ("two", "editing", {**form, "take_over": True}),
        ("one", "editing", form),
        ("two", "editing", {**form, "done": True}),
        ("three", "editing", form),
    )
    assert told["error"] == "editing"
    assert told["message"].startswith("bandstand-console on process ")
    assert told["message"].endswith(f" edits the form network, since {opened['since']}")
    assert taken["form"] == "network"
    assert lost["error"] == "taken-over"
    assert lost["message"].endswith(f" at {taken['since']}")
    assert (done["since"], again["form"]) == ("", "network")


def test_a_factory_reset_is_a_node_as_new(unclaimed: Node, fleet: Fleet) -> None:
    """Its environment is there still, so it comes to stand as it did at first."""
    keys = unclaimed.read("/etc/ssh/ssh_host_ed25519_key.pub")
    (wrong,) = _console(unclaimed, ("factory-reset", {"name": "unclaimed"}))
    assert wrong["error"] == "refused"
    (said,) = _console(unclaimed, ("factory-reset", {"name": "righted"}))
    assert said["restarts"] is True
    # The power goes before it could restart by itself.
    container = fleet.containers["unclaimed"]
    container.kill()
    container.start(ready_s=None)
    status = unclaimed.wait_settled(within_s=_RESET_S)
    assert status["node"]["name"] == "unclaimed"
    assert [fault["setting"] for fault in status["faults"]] == ["node.timezone"]
    assert unclaimed.read("/etc/ssh/ssh_host_ed25519_key.pub") != keys
    _ = unclaimed.check("test", "!", "-e", "/var/lib/bandstand/reset")


@pytest.fixture(scope="module")
def claimed(fleet: Fleet, network: Network) -> Iterator[Node]:
    """By a cluster key and a seed that nobody has."""
    address = network.address(72)
    key = fleet.containers["unclaimed"].check("bandstand", "cluster", "key", "generate").split()[0]
    properties = {
        "network.address": f"{address}/24",
        "network.gateway": network.gateway,
        "network.dns": "none",
        "node.name": "claimed",
        "node.ssh_keys": PUBLIC_KEY,
        "cluster.seeds": _SEEDLESS,
        "cluster.key": key,
    }
    yield fleet.boot(fleet.make("claimed", properties), address=address)
    fleet.containers["claimed"].power_off()


def test_claimed_without_a_password_it_wants_one_first(claimed: Node) -> None:
    access, settings, password, after = _console(
        claimed,
        ("access", {}),
        ("settings", {}),
        ("node-set", {"settings": {"node.admin_password": _PASSWORD}}),
        ("access", {}),
    )
    assert (access["claim"], access["wants_password"]) == ("claimed", True)
    assert settings["error"] == "login"
    assert password["changed"] is True
    assert (after["has_password"], after["wants_password"]) == (True, False)


def test_then_the_password_opens_the_rest_on_that_connection(claimed: Node) -> None:
    wrong, right, settings, logout, locked = _console(
        claimed,
        ("login", {"password": "wrong"}),
        ("login", {"password": _PASSWORD}),
        ("settings", {}),
        ("logout", {}),
        ("settings", {}),
    )
    assert wrong["error"] == "password-wrong"
    assert right == {"logged_in": True, "within_s": 600}
    assert settings["membership"] in {"none", "joining"}
    assert logout == {}
    assert locked["error"] == "login"
    (other,) = _console(claimed, ("settings", {}))
    assert other["error"] == "login"


def test_wrong_ones_have_to_wait_on_every_connection(claimed: Node) -> None:
    for _ in range(3):
        _ = _console(claimed, ("login", {"password": "wrong"}))
    (said,) = _console(claimed, ("login", {"password": _PASSWORD}))
    assert said["error"] == "locked"


def test_the_trail_has_who_asked_and_no_secret(claimed: Node) -> None:
    trail = claimed.read("/var/log/bandstand/audit.jsonl")
    assert "bandstand-console (pid" in trail
    assert _PASSWORD not in trail
    assert "wrong horse" not in trail
