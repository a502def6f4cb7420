"""How a setting is declared: one field of a section, with everything that is derived from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Scope(StrEnum):
    """Whom a value belongs to; an act is consumed once and never stored."""

    NODE = "node"
    CLUSTER = "cluster"
    ACT = "act"


class Kind(NamedTuple, Generic[T]):
    """Text to value and back. `parse` raises ValueError with what is to be said of the text, such
    as "is not a port"; `format` gives the normal form. `accepts` completes "accepted is …".
    `multiline` asks for a text area, `choices` for a list to pick from.
    """

    name: str
    parse: Callable[[str], T]
    format: Callable[[T], str]
    accepts: str
    ovf_type: str = "string"
    multiline: bool = False
    choices: tuple[str, ...] = ()


class Row(NamedTuple):
    """One setting as declared; `key` is `class.key` of the OVF property."""

    key: str
    kind: Kind[Any]
    label: str
    help: str
    example: str
    default: Any = None
    default_text: str = ""
    scope: Scope = Scope.NODE
    is_secret: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """The field of its section."""
        return self.key.partition(".")[2]


def setting(
    kind: Kind[T],
    *,
    label: str,
    help: str,
    example: str = "",
    default: Any = None,
    unset: str = "",
    scope: Scope = Scope.NODE,
    secret: bool = False,
    aliases: tuple[str, ...] = (),
) -> Any:
    """A field of a section; `unset` says in words what leaving it blank means."""
    row = Row("", kind, label, help, example, default, unset, scope, secret, aliases)
    return dataclasses.field(default=default, metadata={"row": row})


def rows_of(category: str, section: type[Any]) -> tuple[Row, ...]:
    """The rows that a section class declares, in order, with their full keys."""
    return tuple(
        field.metadata["row"]._replace(key=f"{category}.{field.name}")
        for field in dataclasses.fields(section)
    )
