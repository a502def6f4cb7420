"""What holds for every test of the agent."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def power_stays_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test cuts the power of its own machine, and waiting for the disk is most of their time."""
    monkeypatch.setattr(os, "fsync", _at_once)


def _at_once(_: int) -> None:
    return None
