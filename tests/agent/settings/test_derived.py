"""Adding a setting is one declaration: everything that people meet follows from it."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from agent.__main__ import main
from agent.commands.settings import explain
from agent.settings import kinds
from agent.settings.accept import accept
from agent.settings.declaration import CORE, Declaration
from agent.settings.declare import EVERY_FACE, Face, Row, Setters, rows_of, section, setting
from agent.settings.normal import redact
from agent.settings.reference import BEGIN, END, page, with_table
from agent.settings.secret import MASK, Secret
from agent.settings.setters import words
from packer.ova.describe import categories_of

SECRETS = [row for row in CORE.rows if row.is_secret]


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
        assert facts["set_by"] == words(row)


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


class Widget(NamedTuple):
    """As a payload declares what it needs, or we one thing more."""

    pin: Secret | None = setting(
        kinds.CLEAR_PASSWORD,
        label="Pin",
        help="What opens the widget.",
        unset="none",
        secret=True,
        aliases=("appliance.pin",),
    )
    door: int = setting(
        kinds.PORT,
        label="Door",
        help="Where the widget is found.",
        example="9999",
        default=9000,
        unset="9000",
        setters=Setters(EVERY_FACE - {Face.PORTAL}),
    )


MORE = Declaration((*CORE.rows, *rows_of("widget", section(Widget))))


def test_one_declaration_is_judged_and_redacted() -> None:
    found = accept({"widget.door": "wide", "appliance.pin": "1234"}, declaration=MORE)
    (fault,) = found.faults
    assert fault.setting == "widget.door"
    assert fault.message == "'wide' is not a port; accepted is a port number from 1 to 65535"
    assert fault.hint == "Left blank it means: 9000."
    assert found.refused == {"widget"}
    assert found.notices == ("appliance.pin was taken as widget.pin",)
    denied = accept({"widget.door": "1"}, declaration=MORE, face=Face.PORTAL)
    assert [fault.code for fault in denied.faults] == ["not-here"]
    assert accept({"widget.door": "1", "widget.pin": "1"}, declaration=MORE).faults == ()
    assert accept({"widget.dor": "1"}, declaration=MORE, strict=True).faults[0].message == (
        "is not a setting; did you mean widget.door?"
    )
    assert redact({"appliance.pin": "1234"}, declaration=MORE) == {"appliance.pin": MASK}


def test_one_declaration_is_on_the_page_and_explained() -> None:
    assert "## widget" in page(MORE)
    assert "| `widget.pin` **S** | What opens the widget. (also `appliance.pin`) |" in page(MORE)
    assert "| 9000 | `9999` | all but the portal; on a member of a cluster all |" in page(MORE)
    assert "| `widget.door` | a port number" in with_table(f"{BEGIN}{END}", MORE)
    told = explain(MORE, "appliance.pin")
    assert told.data["key"] == "widget.pin"
    assert "What opens the widget." in told.words
    assert "widget.door" in explain(MORE, None).words


def test_one_declaration_is_a_property_of_the_descriptor() -> None:
    (category,) = [one for one in categories_of(MORE.rows) if one.name == "widget"]
    assert category.title == f"{len(MORE.categories)}. Widget"
    pin, door = category.properties
    assert (pin.key, pin.label, pin.is_secret, pin.value) == ("pin", "Pin", True, "")
    assert door.description == "Where the widget is found. Blank: 9000. Example: 9999"
