"""Adding a setting is one declaration: everything that people meet follows from it."""

from __future__ import annotations

import json

import pytest

from agent.__main__ import main
from agent.settings import kinds
from agent.settings.accept import accept
from agent.settings.declaration import CORE, Declaration
from agent.settings.declare import Row, Scope
from agent.settings.normal import redact
from agent.settings.reference import page
from agent.settings.secret import MASK, Secret

SECRETS = [row for row in CORE.rows if row.is_secret]
NEW = Row(
    "node.pin",
    kinds.CLEAR_PASSWORD,
    "Pin",
    "A pin.",
    "",
    default_text="none",
    is_secret=True,
    aliases=("appliance.pin",),
)


@pytest.mark.parametrize("row", CORE.rows, ids=lambda row: row.key)
def test_each_setting_is_explained_as_it_was_declared(
    row: Row, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (row.key, *row.aliases):
        assert main(["settings", "explain", name]) == 0
        said = capsys.readouterr().out
        wanted = (row.key, row.label, row.help, row.kind.accepts, row.example, *row.aliases)
        assert [text for text in wanted if text not in said] == []
        assert row.default_text.replace("`", "") in said
        assert ("secret" in said.split()) is row.is_secret
        assert main(["settings", "explain", "--json", name]) == 0
        facts = json.loads(capsys.readouterr().out)
        assert (facts["key"], facts["scope"]) == (row.key, row.scope.value)


@pytest.mark.parametrize("row", SECRETS, ids=lambda row: row.key)
def test_each_secret_is_masked_under_every_name(row: Row) -> None:
    raw = dict.fromkeys((row.key, *row.aliases), "swordfish")
    assert set(redact(raw).values()) == {MASK}


def test_nothing_else_is_masked() -> None:
    raw = {row.key: "plain" for row in CORE.rows if not row.is_secret}
    assert redact(raw) == raw


def test_a_secret_is_one_by_its_type() -> None:
    for row in SECRETS:
        assert row.default is None
        assert not row.example
    given = {"node.admin_password": "swordfish-1", "database.password": "swordfish-2"}
    found = accept(given).settings
    assert isinstance(found.node.admin_password, Secret)
    assert isinstance(found.database.password, Secret)
    assert "swordfish" not in repr(found)


def test_one_row_more_is_on_the_page_redacted_and_found() -> None:
    declaration = Declaration((*CORE.rows, NEW))
    assert "`node.pin` **S**" in page(declaration)
    assert redact({"appliance.pin": "1234"}, declaration=declaration) == {"appliance.pin": MASK}
    assert declaration.find("appliance.pin") is NEW
    assert declaration.nearest("node.pim") == "node.pin"
    assert NEW.scope is Scope.NODE
