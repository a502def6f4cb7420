"""Packer's run, by a stand-in for Packer: a machine that never came up is started once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import CommandFailed
from packer.image.provision import Base, Machine, Tools, provision
from packer.variables import read

pytestmark = pytest.mark.outside

_PACKER = """#!/bin/sh
cd "$TMPDIR"
echo said >serial.log
echo run >>runs
[ ! -e output ] || {{ echo "output is in the way"; exit 1; }}
mkdir output
[ "$(wc -l <runs)" -gt {fails} ] || {{ echo "{words}"; exit 1; }}
echo disk >output/appliance.raw
"""
_NO_SSH = "Build 'qemu.appliance' errored after 10 minutes: Timeout waiting for SSH."


def _provision(folder: Path, *, fails: int, words: str) -> Path:
    program = folder / "packer"
    program.write_text(_PACKER.format(fails=fails, words=words))
    program.chmod(0o755)
    machine = Machine(Base(folder / "base.raw", "uuid", "base"), folder / "our.deb", "VERSION=1\n")
    (folder / "work").mkdir()
    return provision(
        machine,
        folder / "work",
        variables=read({"BANDSTAND_ACCEL": "tcg"}),
        tools=Tools(program, folder),
        log=folder / "log/packer.log",
    )


def test_a_machine_that_never_came_up_is_started_once_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = _provision(tmp_path, fails=1, words=_NO_SSH)

    assert raw.read_text() == "disk\n"
    assert "once more" in capsys.readouterr().out
    assert (tmp_path / "log/serial.log").read_text() == "said\n"


@pytest.mark.parametrize(("fails", "words", "runs"), [(2, _NO_SSH, 2), (1, "no such package", 1)])
def test_it_fails_for_good(tmp_path: Path, fails: int, words: str, runs: int) -> None:
    with pytest.raises(CommandFailed, match=words.split(":")[0]):
        _provision(tmp_path, fails=fails, words=words)

    assert len((tmp_path / "work/runs").read_text().splitlines()) == runs
