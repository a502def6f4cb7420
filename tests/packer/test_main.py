"""What `make` says where the machine gives out, or somebody presses Ctrl-C."""

from __future__ import annotations

import errno
import os
import signal

import pytest

from packer import build, setup, variables


@pytest.mark.parametrize(
    ("error", "exit_code", "words"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/x"),
            1,
            "No space left on device",
        ),
        (KeyboardInterrupt(), 130, "goes on from the last finished step"),
    ],
)
def test_a_full_disk_and_an_interruption_are_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    exit_code: int,
    words: str,
) -> None:
    def broken(_: object) -> None:
        raise error

    monkeypatch.setattr(variables, "read", broken)
    monkeypatch.setattr(setup, "set_up", broken)
    assert build.main(["deb"]) == exit_code
    assert words in capsys.readouterr().err
    assert setup.main(["environment"]) == exit_code
    assert words in capsys.readouterr().err


def test_a_build_that_is_ended_ends_as_by_ctrl_c() -> None:
    former = signal.getsignal(signal.SIGTERM)
    try:
        build.end_as_interrupted()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, former)
