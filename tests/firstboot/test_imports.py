"""What is loaded by the time a static address is set, read from sys.modules of a real process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.system.run import run

ROOT = Path(__file__).parents[2]
FORBIDDEN = (
    *("jinja2", "cryptography", "requests", "yaml", "dataclasses", "inspect", "shutil"),
    *("logging", "traceback", "multiprocessing", "platform", "pkgutil", "typing"),
    *("secrets", "hashlib", "agent.access"),
    *("agent.tls.act", "agent.serving.act", "agent.certs.pair", "agent.system.render"),
)
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import firstboot.__main__
from pathlib import Path
from agent.change import Stage
from agent.status.model import Phase
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import Completed
from firstboot.sequence import boot

ENVIRONMENT = '''<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"
 xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"><PropertySection>
<Property oe:key="network.address" oe:value="192.0.2.10/24"/>
<Property oe:key="network.gateway" oe:value="192.0.2.1"/>
<Property oe:key="network.dns" oe:value="192.0.2.1"/>
</PropertySection></Environment>'''

def answer(*argv, **_):
    return Completed(argv, 0, ENVIRONMENT, "")

def set_address(settings, accepted, host):
    assert str(settings.network.interface) == "192.0.2.10/24"
    from agent.network import act, observe, plan
    from agent.system.netlink import Kernel
    act.steps(plan.plan(settings.network, observe.observe(host)), host)
    with Kernel():
        print(*sorted(name for name in sys.argv[3:] if name in sys.modules))
    return ()

files = Files(Path(sys.argv[2]))
files.write("/run/systemd/container", "test")
outcome = boot(Host(files=files, run=answer),
               stages=(Stage(Phase.NETWORK, set_address),))
assert not outcome.faults, outcome.faults
assert "agent.status.entries" not in sys.modules
"""


def _loaded(tmp_path: Path, *names: str) -> str:
    said = run(sys.executable, "-I", "-c", PROGRAM, str(ROOT), str(tmp_path), *names)
    return said.stdout.strip()


@pytest.mark.outside
def test_nothing_heavy_is_loaded_before_the_address_is_set(tmp_path: Path) -> None:
    assert _loaded(tmp_path, *FORBIDDEN) == ""


@pytest.mark.outside
def test_the_process_is_the_one_that_sets_it(tmp_path: Path) -> None:
    assert _loaded(tmp_path, "pyroute2.iproute.linux", "agent.network.address") == (
        "agent.network.address pyroute2.iproute.linux"
    )
