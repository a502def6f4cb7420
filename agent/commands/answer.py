"""What a command says: in words for people, as data for programs.

A module of agent.commands has `add(group: Group)`: it adds the noun's parser, and for each verb
`set_defaults(run=FUNCTION)` with `FUNCTION(args: Namespace) -> Answer`, or an iterable of answers.
`--json` is taken by agent.__main__, before or after the noun; it is in `args.json`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agent.typed import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from agent.status.words import Row

_LABEL_COLUMNS = 14


class Group(Protocol):
    """Where a noun adds its parser; what ArgumentParser.add_subparsers returns."""

    def add_parser(self, name: str, *, help: str = "") -> ArgumentParser: ...


@dataclass(frozen=True)
class Answer:
    """`words` is printed as it is, `data` as one JSON object with `--json`; both say the same."""

    words: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    exit_code: int = 0


Command: TypeAlias = Callable[[Namespace], Answer | Iterable[Answer]]


def table(rows: Iterable[Row]) -> str:
    """Rows as lines, their texts below each other."""
    return "\n".join(f"{row.label:<{_LABEL_COLUMNS}}{row.text}".rstrip() for row in rows)
