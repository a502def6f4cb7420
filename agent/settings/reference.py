"""The pages about the settings, written from the declaration: docs/settings.md, README's table.

`python -m agent.settings.reference` writes them, with `--check` it only says which are stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from agent.settings.declaration import CORE, Declaration
from agent.settings.declare import Row, Scope
from agent.settings.setters import words

PAGE = "docs/settings.md"
README = "README.md"
BEGIN, END = "<!-- settings -->", "<!-- /settings -->"

_HEAD = """\
# Settings

Written from the declaration in `agent/settings` by `make docs`; change it there.

The key is the full key of the OVF property (`class.key`), and the key in an answers file, flat
(`network.address: …`) or nested by class. Blank, white space and the text `null` mean unset. Lists
take commas, semicolons or white space. `bandstand settings check FILE` says what is wrong with an
answers file, `bandstand settings explain KEY` what a setting accepts.

A setting is set by properties (answers files among them), the console, the command line and the
portal, or by some of them; on a member of a cluster perhaps by fewer.
"""

_SCOPES = {
    Scope.NODE: "",
    Scope.CLUSTER: "shared by the members of a cluster",
    Scope.ACT: "an act: done once, not stored",
}


def pages(root: Path) -> Mapping[Path, str]:
    """What the pages are to hold, by file."""
    found = {root / PAGE: page(CORE)}
    readme = root / README
    if readme.exists():
        found[readme] = with_table(readme.read_text(encoding="utf-8"), CORE)
    return found


def page(declaration: Declaration) -> str:
    sections = (_section(name, declaration.of(name)) for name in declaration.categories)
    return "\n".join((_HEAD, *sections))


def _section(category: str, rows: Iterable[Row]) -> str:
    columns = ("key", "what it is", "accepts", "unset means", "example", "set by")
    rows_below = drawn(
        columns,
        (
            (
                *(_key(row), _about(row), row.kind.accepts, row.default_text),
                *(_code(row.example), words(row)),
            )
            for row in rows
        ),
    )
    return f"## {category}\n{rows_below}"


def _about(row: Row) -> str:
    also = [f"also `{alias}`" for alias in row.aliases]
    notes = "; ".join(note for note in (_SCOPES[row.scope], *also) if note)
    return f"{row.help} ({notes})" if notes else row.help


def with_table(readme: str, declaration: Declaration) -> str:
    """The text with the short table between the marks; as it is where there are none."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        return readme
    rows = ((_key(row), row.kind.accepts, row.default_text) for row in declaration.rows)
    short = drawn(("key", "accepts", "unset means"), rows)
    return f"{before}{BEGIN}\n{short}\n**S** = secret.\n{END}{after}"


def _key(row: Row) -> str:
    return f"`{row.key}`{' **S**' if row.is_secret else ''}"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def drawn(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    head = list(columns)
    lines = [head, ["---"] * len(head), *([_cell(text) for text in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(arguments: list[str]) -> int:
    return refresh(pages(Path(__file__).parents[2]), is_check="--check" in arguments)


def refresh(pages: Mapping[Path, str], *, is_check: bool) -> int:
    """Write those that are stale, or only say which are: then 1."""
    stale = [
        (path, text)
        for path, text in pages.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        if not is_check:
            path.parent.mkdir(exist_ok=True)
            _ = path.write_text(text, encoding="utf-8")
        word = "is stale: make docs writes it" if is_check else "written"
        _ = sys.stdout.write(f"{path.name}: {word}\n")
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
