"""Programs run for real: how they end, and what is told of it."""

from __future__ import annotations

import pytest

from agent.errors import CommandFailed
from agent.system.run import run

pytestmark = pytest.mark.outside


def test_what_a_program_reads_and_says() -> None:
    done = run("cat", stdin="hello")
    assert (done.ok, done.stdout) == (True, "hello")


def test_a_bad_end_is_told_with_its_last_words_but_not_its_input() -> None:
    with pytest.raises(CommandFailed, match=r"sh -c .* ended with status 3: sorry") as told:
        run("sh", "-c", "cat >/dev/null; echo sorry >&2; exit 3", stdin="secret")
    assert "secret" not in told.value.message


def test_a_bad_end_may_be_an_answer() -> None:
    assert run("false", check=False).returncode == 1


def test_a_missing_program_is_named() -> None:
    with pytest.raises(CommandFailed, match="no-such-program is not installed"):
        run("no-such-program")


def test_a_program_that_hangs_is_ended() -> None:
    with pytest.raises(CommandFailed, match=r"did not finish within 0\.1 seconds"):
        run("sleep", "5", timeout_s=0.1)


def test_programs_speak_english_and_hear_nothing() -> None:
    assert run("sh", "-c", "echo $LC_ALL; cat").stdout == "C\n"
