"""How many examples a property has in `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak import rounds

ROOT = Path(__file__).parents[2]


def test_a_property_has_all_examples_whatever_its_own_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rounds, "_EXAMPLES", 100_000)
    own = "tests/agent/certs/test_pair.py::test_damage_never_gets_past_openssl[rsa]"
    assert rounds.wanted(own) == 100_000


@pytest.mark.parametrize("nodeid", rounds.COSTLY)
def test_the_costly_ones_are_there_and_have_fewer(
    nodeid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_EXAMPLES", 100_000)
    file, _, name = nodeid.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
    count, reason = rounds.COSTLY[nodeid]
    assert reason
    assert rounds.wanted(f"{nodeid}[one]") == count < 100_000
    monkeypatch.setattr(rounds, "_EXAMPLES", 10)
    assert rounds.wanted(nodeid) == 10
