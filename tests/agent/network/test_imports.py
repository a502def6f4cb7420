"""Start-up is the hot path: what the stages before the certificate load."""

from __future__ import annotations

import sys

import pytest

from agent.system.run import run
from tests.fakes.namespace import own_network

pytestmark = pytest.mark.outside

_STAGES = "import agent.network.act, agent.node.act, agent.firewall.act, agent.demands"
_HEAVY = ("jinja2", "cryptography", "requests", "yaml", "asyncio", "logging", "argparse")


def _loaded(code: str) -> set[str]:
    said = run(sys.executable, "-c", f"{code}; import sys; print(*sys.modules)")
    return set(said.stdout.split())


def test_the_stages_load_nothing_heavy() -> None:
    assert not _loaded(_STAGES) & {*_HEAVY, "pyroute2"}


_ASK = "kernel = Kernel(); assert kernel.link('lo') and kernel.links(); kernel.routes()"
_NETLINK = f"{_STAGES}; from agent.system.netlink import Kernel; {_ASK}"
# What pyroute2 brings along for others, by its package and by its switch for mocks.
_TRAFFIC = "pyroute2.netlink.rtnl.tcmsg.common"
_OTHERS = {"pyroute2.ndb", "pyroute2.ipdb", "pyroute2.cli", "unittest", "asyncio", "sqlite3"}


def test_netlink_loads_the_part_of_pyroute2_that_it_uses() -> None:
    loaded = _loaded(_NETLINK)
    assert "pyroute2.iproute.linux" in loaded
    assert not loaded & {*_OTHERS, _TRAFFIC, "jinja2", "cryptography", "requests", "yaml"}


def test_the_whole_of_pyroute2_can_be_imported_later_and_is_the_same() -> None:
    later = f"import pyroute2, pyroute2.lab, {_TRAFFIC}; from agent.system.netlink import iproute"
    loaded = _loaded(f"{_NETLINK}; {later}; assert pyroute2.IPRoute is iproute() is kernel._open")
    assert {"pyroute2", "pyroute2.ndb", "pyroute2.lab", "unittest.mock", _TRAFFIC} <= loaded


@pytest.mark.node
def test_a_link_of_a_kind_that_the_part_does_not_know_is_told_all_the_same() -> None:
    with own_network():
        _ = run("ip", "link", "add", "link5", "type", "vxlan", "id", "5", "dstport", "4789")
        _ = run("ip", "tuntap", "add", "dev", "link6", "mode", "tun")
        told = run(
            sys.executable,
            "-c",
            "from agent.system.netlink import Kernel\n"
            "print(*[(one.name, one.is_card, one.is_virtual) for one in Kernel().links()][-2:])",
        )
    assert told.stdout.strip() == "('link5', False, True) ('link6', False, True)"


def test_another_pyroute2_is_imported_whole() -> None:
    """Such as one whose parts do not stand alone any more."""
    part = "def part(): sys.modules['pyroute2.common'] = None; real()"
    loaded = _loaded(
        "import sys, agent.system.netlink as door; real = door._part\n"
        f"{part}\ndoor._part = part\nkernel = door.Kernel(); assert kernel.link('lo')"
    )
    assert {"pyroute2", "pyroute2.ndb"} <= loaded
