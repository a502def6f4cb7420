"""Start-up is the hot path: what a first boot without a certificate must not load."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.system.run import run

ROOT = Path(__file__).parents[3]
FORBIDDEN = (
    "yaml",
    "jinja2",
    "cryptography",
    "requests",
    "pyroute2",
    "argparse",
    "logging",
    "asyncio",
    "difflib",
    "agent.certs.pair",
    "agent.values.pem",
    "agent.values.join_string",
    "agent.values.zones",
)
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from agent.accepted import acts, store
from agent.properties import read
from agent.settings.accept import accept
from agent.system.files import Files
found = accept({
    "network.address": "192.0.2.10/24", "network.gateway": "192.0.2.1", "network.dns": "none",
    "node.name": "node1", "node.admin_password": "correct horse",
})
assert not found.faults, found.faults
files = Files(Path(sys.argv[2]))
store.save(files, store.Accepted(own=found.settings, source="guestinfo"))
assert store.load(files).own == found.settings
print(*(name for name in sys.argv[3:] if name in sys.modules))
"""


@pytest.mark.outside
def test_the_static_path_loads_nothing_heavy(tmp_path: Path) -> None:
    done = run(sys.executable, "-I", "-S", "-c", PROGRAM, str(ROOT), str(tmp_path), *FORBIDDEN)
    assert done.stdout.strip() == ""
