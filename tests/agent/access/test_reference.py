"""docs/access.md says what the policy does."""

from __future__ import annotations

from agent.access.policy import RULES
from agent.access.reference import page


def _cells(verb: str) -> list[str]:
    line = next(line for line in page().splitlines() if line.startswith(f"| `{verb}` |"))
    return [cell.strip() for cell in line.strip("|").split("|")][2:]


def test_every_verb_has_a_line() -> None:
    assert [verb for verb in RULES if f"| `{verb}` |" not in page()] == []


def test_a_line_says_who_and_when() -> None:
    assert _cells("status") == ["yes"] * 8
    assert _cells("network-set") == ["yes", "-", "-", "yes", "-", "login", "yes", "-"]
    assert _cells("shell") == ["yes", "-", "-", "-", "-", "login", "login", "-"]
    assert _cells("publish") == ["yes", "yes", *["-"] * 6]
    said = ["password", "login", "password, else login"]
    assert _cells("node-set") == ["yes", "-", "-", "yes", *said, "-"]
