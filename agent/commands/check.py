"""`bandstand node check`: what this node should reach, asked now, and what to do about it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping

from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask
from agent.status import words
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import rows_of

# Between two that end.
_PATIENCE_S = 30
_FAILED = "failed"
_NAME_COLUMNS, _STATE_COLUMNS = 11, 9


def add(verbs: Group) -> None:
    parser = verbs.add_parser("check", help="see what this node reaches")
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer:
    """Exit 1 where one of them failed."""
    result = ask(args.host, "check", {}, timeout_s=_PATIENCE_S)
    rows = rows_of(result.get("checks"))
    lines = [line for row in rows for line in _lines(row)]
    has_failed = any(row.get("state") == _FAILED for row in rows)
    return Answer("\n".join(lines), result, 1 if has_failed else 0)


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    name, state = words.clean(row.get("name")), words.clean(row.get("state"))
    yield f"{name:<{_NAME_COLUMNS}}{state:<{_STATE_COLUMNS}}{words.clean(row.get('message'))}"
    if row.get("hint"):
        yield f"{'':<{_NAME_COLUMNS + _STATE_COLUMNS}}{words.clean(row.get('hint'))}"
