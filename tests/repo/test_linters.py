"""What checks the code without running it, as tests: one a tool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from packer.setup import packer_tools

REPOSITORY = Path(__file__).parents[2]
_TOOLS = Path(sys.executable).parent
_PYTHON = ("agent", "firstboot", "packer", "tests")


def _check(*command: str, environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command[:2])}\n{done.stdout}\n{done.stderr}", pytrace=False)


def _tool(name: str) -> str:
    found = shutil.which(name, path=str(_TOOLS)) or shutil.which(name)
    assert found, f"{name} is not there: make setup installs it"
    return found


def _tracked(*patterns: str) -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in done.stdout.split("\n") if name and (REPOSITORY / name).is_file()]


@pytest.mark.outside
def test_ruff_finds_nothing() -> None:
    _check(_tool("ruff"), "check", *_PYTHON)


@pytest.mark.outside
def test_the_code_is_formatted() -> None:
    _check(_tool("ruff"), "format", "--check", *_PYTHON)


@pytest.mark.outside
def test_mypy_is_content() -> None:
    _check(_tool("mypy"))


@pytest.mark.outside
def test_pyright_is_content() -> None:
    _check(_tool("pyright"))


@pytest.mark.outside
def test_imports_go_downwards() -> None:
    _check(_tool("lint-imports"), "--config", "tests/repo/house.importlinter")


@pytest.mark.outside
def test_packer_is_content() -> None:
    packer, plugins = packer_tools()
    environment = {"PACKER_PLUGIN_PATH": str(plugins), "CHECKPOINT_DISABLE": "1"}
    _check(str(packer), "fmt", "-check", "-diff", "packer", environment=environment)
    _check(str(packer), "validate", "-syntax-only", "packer", environment=environment)


@pytest.mark.outside
def test_words_are_spelled_right() -> None:
    _check(_tool("codespell"), *_tracked())


@pytest.mark.outside
def test_shell_scripts_are_sound() -> None:
    scripts = [
        name
        for name in _tracked()
        if (REPOSITORY / name)
        .read_bytes()[:32]
        .startswith((b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash"))
    ]
    assert scripts
    _check(_tool("shellcheck"), *scripts)
