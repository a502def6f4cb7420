"""What is no virtual terminal is not taken for one."""

from __future__ import annotations

import os

import pytest

from agent.system.terminal import is_virtual_terminal


def test_a_pipe_is_no_virtual_terminal() -> None:
    reading, writing = os.pipe()
    try:
        assert not is_virtual_terminal(reading)
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.outside
def test_a_pseudo_terminal_is_no_virtual_terminal() -> None:
    near, far = os.openpty()
    try:
        assert not is_virtual_terminal(far)
    finally:
        os.close(near)
        os.close(far)
