"""What the tests of several boots share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.firstboot.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
