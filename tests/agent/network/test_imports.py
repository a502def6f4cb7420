"""Start-up is the hot path: what the stages before the certificate load."""

from __future__ import annotations

import sys

import pytest

from agent.system.run import run

pytestmark = pytest.mark.outside

_STAGES = "import agent.network.act, agent.node.act, agent.firewall.act, agent.demands"
_HEAVY = ("jinja2", "cryptography", "requests", "yaml", "asyncio", "logging", "argparse")


def _loaded(code: str) -> set[str]:
    said = run(sys.executable, "-c", f"{code}; import sys; print(*sys.modules)")
    return set(said.stdout.split())


def test_the_stages_load_nothing_heavy() -> None:
    assert not _loaded(_STAGES) & {*_HEAVY, "pyroute2"}


def test_netlink_loads_pyroute2_and_nothing_of_the_product_beside_it() -> None:
    loaded = _loaded(f"{_STAGES}; from agent.system.netlink import Kernel; Kernel().__exit__()")
    assert "pyroute2" in loaded
    assert not loaded & {"jinja2", "cryptography", "requests", "yaml"}
