"""Shift-Tab goes back on a virtual terminal, whatever keymap is loaded."""

from __future__ import annotations

import shutil

import pytest

from agent.system.run import run
from packer.place import ROOT

DEB = ROOT / "packer/deb"
MAP = "/usr/lib/bandstand/shift-tab.map"
LOADS = f"/usr/bin/loadkeys -q {MAP}"
# linux/keyboard.h: of the type KT_META the key 9, which is a tab.
META_TAB = "0xf809"
_TAB, _KEYS = 15, 128

loadkeys = pytest.mark.skipif(shutil.which("loadkeys") is None, reason="loadkeys is not installed")


def _lines(unit: str) -> list[str]:
    return (DEB / "units" / unit).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("verb", ["ExecStart", "ExecStop"])
def test_it_is_loaded_over_every_keymap_and_keeps_none_from_being_loaded(verb: str) -> None:
    done = [line for line in _lines("bandstand-keyboard.service") if line.startswith(f"{verb}=")]

    assert len(done) == 2
    assert done[0].startswith(f"{verb}=/usr/bin/loadkeys -q ")
    assert done[1] == f"{verb}=-{LOADS}"


def test_and_over_the_kernels_own_before_the_screen_is_there() -> None:
    lines = _lines("bandstand-console.service")

    before = lines.index(f"ExecStartPre=-+{LOADS}")
    assert before < lines.index("ExecStart=/usr/lib/bandstand/bin/console")


def test_it_says_that_one_key() -> None:
    text = (DEB / f"files{MAP}").read_text(encoding="ascii")

    said = [line for line in text.splitlines() if not line.startswith("#")]
    assert said == ["shift keycode 15 = Meta_Tab"]


@loadkeys
@pytest.mark.outside
def test_loadkeys_reads_it_so() -> None:
    made = run("loadkeys", "-m", str(DEB / f"files{MAP}")).stdout

    _, _, shift = made.partition("shift_map[NR_KEYS] = {\n")
    keys = shift.partition("}")[0].replace("\n", "").replace("\t", "").split(",")
    assert keys[_TAB] == META_TAB
    assert len(set(keys[:_TAB] + keys[_TAB + 1 : _KEYS])) == 1
