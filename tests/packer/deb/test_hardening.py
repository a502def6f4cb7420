"""How much each of our units may do, as systemd itself counts: 10 is everything, 0 nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from agent.system.run import run
from packer.place import ROOT

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
    ),
]

UNITS = ROOT / "packer/deb/units"
_UNPRIVILEGED = 2.5
# Those that do what only root may.
_PROMISED = {
    "bandstand-apply@": 5.5,
    "bandstand-firstboot": 5.0,
    "bandstand-firstboot-later": 5.0,
    "bandstand-rescue": 5.5,
    "bandstand-trial": 5.5,
    # Programs of the distribution, once at boot: one has the keymap, one the disk itself.
    "bandstand-grow": 9.5,
    "bandstand-keyboard": 5.5,
}
# What they are now. Whoever takes a directive away finds it here.
_IS = {
    "bandstand-agent": 1.7,
    "bandstand-apply@": 4.8,
    "bandstand-certificate": 1.4,
    "bandstand-console": 1.5,
    "bandstand-console@": 1.5,
    "bandstand-firstboot": 5.0,
    "bandstand-firstboot-later": 4.5,
    "bandstand-grow": 9.5,
    "bandstand-keyboard": 3.3,
    "bandstand-portal": 1.4,
    "bandstand-rescue": 4.5,
    "bandstand-syslog": 1.9,
    "bandstand-trial": 4.5,
}
_DIRECTIVES = (
    "CapabilityBoundingSet",
    "NoNewPrivileges",
    "ProtectControlGroups",
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "RestrictNamespaces",
    "RestrictSUIDSGID",
    "SystemCallArchitectures",
    "SystemCallFilter",
)
_SAID = re.compile(r"Overall exposure level for .*: (\d+\.\d) ")


def exposure(unit: Path) -> float:
    said = run(
        "systemd-analyze", "security", "--offline=true", "--no-pager", str(unit), check=False
    )
    found = _SAID.search(said.stdout)
    assert found, said.stderr
    return float(found[1])


def test_no_unit_is_left_out() -> None:
    assert sorted(path.stem for path in UNITS.glob("*.service")) == sorted(_IS)


@pytest.mark.parametrize("name", _IS)
def test_it_may_do_no_more_than_was_promised(name: str) -> None:
    found = exposure(UNITS / f"{name}.service")
    assert found <= _IS[name] <= _PROMISED.get(name, _UNPRIVILEGED)


_LESS = [
    *(
        (f"bandstand-{name}", directive)
        for name in ("apply@", "firstboot", "firstboot-later", "trial")
        for directive in _DIRECTIVES
        if not (name == "firstboot" and directive.startswith("Protect"))
    ),
    # To root's the families that they need are all that count.
    *(("bandstand-agent", directive) for directive in (*_DIRECTIVES, "RestrictAddressFamilies")),
]


@pytest.mark.parametrize(("name", "directive"), _LESS)
def test_one_directive_less_is_noticed(name: str, directive: str, tmp_path: Path) -> None:
    lines = (UNITS / f"{name}.service").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{directive}=")]
    assert kept != lines
    less = tmp_path / f"{name}.service"
    _ = less.write_text("".join(kept))
    assert exposure(less) > _IS[name]
