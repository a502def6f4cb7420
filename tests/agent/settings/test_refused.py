"""The table of bad answers: each named with its field, and what would be accepted."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.settings.accept import ALONE, accept
from agent.settings.declaration import CORE, Settings
from tests.fakes.issuer import issue, key_pem

TABLE = Path(__file__).parents[2] / "fixtures" / "refused.toml"
CASES: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["case"]

NOW = datetime.now(UTC)
MINE = issue(begins=NOW - timedelta(days=1), ends=NOW + timedelta(days=90))
OLD = issue(begins=NOW - timedelta(days=90), ends=NOW - timedelta(days=1))
LINES = MINE.pem.splitlines(keepends=True)

STAND_INS = {
    "@certificate": MINE.pem,
    "@key": MINE.key_pem,
    "@other-key": issue("other.example.com").key_pem,
    "@expired-certificate": OLD.pem,
    "@expired-key": OLD.key_pem,
    "@cut-certificate": "".join(LINES[:-2]),
    "@thinned-certificate": "".join(LINES[:3] + LINES[4:]),
    "@encrypted-key": key_pem(MINE.key, passphrase=b"not said"),
    "@bundle": MINE.pem + MINE.key_pem,
}


def _raw(case: dict[str, Any]) -> dict[str, str]:
    answers: dict[str, str] = case["answers"]
    return {key: STAND_INS.get(text, text) for key, text in answers.items()}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_refused(case: dict[str, Any]) -> None:
    raw = _raw(case)
    found = accept(raw, strict=case.get("strict", False))
    said = {fault.setting: fault.message for fault in found.faults}
    assert case["setting"] in said
    assert case["says"] in said[case["setting"]]
    everything = repr(found)
    for secret in (case.get("quiet"), "PRIVATE KEY-----\n", MINE.key_pem.splitlines()[1]):
        assert secret is None or secret not in everything


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_refused_takes_its_default(case: dict[str, Any]) -> None:
    raw = _raw(case)
    found = accept(raw, strict=case.get("strict", False))
    category, _, name = case["setting"].partition(".")
    if category not in CORE.categories:
        assert found.refused == frozenset()
    elif category == "node" or case["setting"] in ALONE:
        section, defaults = getattr(found.settings, category), getattr(Settings(), category)
        assert getattr(section, name) == getattr(defaults, name)
    else:
        assert category in found.refused
        assert getattr(found.settings, category) == getattr(Settings(), category)


def test_the_table_is_worth_its_name() -> None:
    assert len(CASES) >= 40
    assert len({case["name"] for case in CASES}) == len(CASES)
    rows = {row.key for row in CORE.rows}
    assert {case["setting"] for case in CASES} >= rows - {
        "database.user",
        "database.password",
        "database.ca",
    }
