"""What is written from the declaration is as the declaration is now."""

from __future__ import annotations

from pathlib import Path

from agent.access import reference as access
from agent.settings.declaration import CORE
from agent.settings.reference import BEGIN, END, PAGE, README, pages, with_table
from firstboot.console.manual import page as manual

ROOT = Path(__file__).parents[2]


def test_the_pages_are_fresh() -> None:
    wanted = {**pages(ROOT), **access.pages(ROOT), **manual.pages(ROOT)}
    stale = [path.name for path, text in wanted.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "make docs writes them"


def test_both_name_every_setting() -> None:
    for name in (PAGE, README):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [row.key for row in CORE.rows if f"`{row.key}`" not in text] == []


def test_the_table_goes_between_the_marks_and_nowhere_else() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    made = with_table(text, CORE)
    assert made.startswith(f"before\n{BEGIN}\n| key |")
    assert made.endswith(f"{END}\nafter\n")
    assert "old" not in made
    assert with_table(made, CORE) == made
    assert with_table("no marks", CORE) == "no marks"
