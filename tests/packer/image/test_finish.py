"""Byte code that Python would throw away is found before the image is packed."""

from __future__ import annotations

import os
import py_compile
from pathlib import Path

import pytest

from packer.image.finish import stale_byte_code


@pytest.fixture
def module(tmp_path: Path) -> Path:
    source = tmp_path / "usr/lib/thing.py"
    source.parent.mkdir(parents=True)
    _ = source.write_text("value = 1\n")
    return source


def _compile(source: Path, mode: py_compile.PycInvalidationMode) -> None:
    _ = py_compile.compile(str(source), invalidation_mode=mode, doraise=True)


def test_one_whose_source_changed_is_stale(module: Path, tmp_path: Path) -> None:
    _compile(module, py_compile.PycInvalidationMode.TIMESTAMP)
    assert stale_byte_code(tmp_path) == ()
    os.utime(module, (1, 1))
    assert [Path(name).name.split(".")[0] for name in stale_byte_code(tmp_path)] == ["thing"]


def test_one_that_nobody_checks_is_never_stale(module: Path, tmp_path: Path) -> None:
    _compile(module, py_compile.PycInvalidationMode.UNCHECKED_HASH)
    os.utime(module, (1, 1))
    assert stale_byte_code(tmp_path) == ()


def test_one_without_a_source_is_stale(module: Path, tmp_path: Path) -> None:
    _compile(module, py_compile.PycInvalidationMode.TIMESTAMP)
    module.unlink()
    assert len(stale_byte_code(tmp_path)) == 1
