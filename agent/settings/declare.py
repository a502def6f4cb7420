"""How a setting is declared: one field of a section, with everything that is derived from it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from agent.typed import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
S = TypeVar("S")


class Scope(StrEnum):
    """Whom a value belongs to; an act is consumed once and never stored."""

    NODE = "node"
    CLUSTER = "cluster"
    ACT = "act"


class Face(StrEnum):
    """Where a person says what a setting is to be; an answers file counts as properties."""

    PROPERTY = "property"
    CONSOLE = "console"
    COMMAND = "command"
    PORTAL = "portal"


EVERY_FACE: frozenset[Face] = frozenset(Face)


class Setters(NamedTuple):
    """The faces that may set it: of a node by itself, and of a member of a cluster."""

    alone: frozenset[Face] = EVERY_FACE
    member: frozenset[Face] = EVERY_FACE


# What belongs to a cluster is changed for all of it, and an act on a member comes too late.
_SETTERS = {
    Scope.NODE: Setters(),
    Scope.CLUSTER: Setters(member=frozenset({Face.COMMAND, Face.PORTAL})),
    Scope.ACT: Setters(member=frozenset()),
}


class Kind(NamedTuple, Generic[T]):
    """Text to value and back. `parse` raises ValueError with what is to be said of the text, such
    as "is not a port"; `format` gives the normal form. `accepts` completes "accepted is …".
    `multiline` asks for a text area, `choices` for a list to pick from; `is_list`: its value is a
    tuple of what stands apart by commas, semicolons or white space. `has_credentials` is for
    texts that may hold some: none is shown as it came, and a value that does is parsed to a Secret.
    """

    name: str
    parse: Callable[[str], T]
    format: Callable[[T], str]
    accepts: str
    ovf_type: str = "string"
    multiline: bool = False
    choices: tuple[str, ...] = ()
    is_list: bool = False
    has_credentials: bool = False


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
    setters: Setters | None = None

    @property
    def category(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """The field of its section."""
        return self.key.partition(".")[2]

    @property
    def set_by(self) -> Setters:
        """As declared, else what the scope says."""
        return self.setters or _SETTERS[self.scope]

    def may_set(self, face: Face, *, is_member: bool) -> bool:
        return face in (self.set_by.member if is_member else self.set_by.alone)

    def repeats_default(self, text: str) -> bool:
        """Clients send the defaults of a descriptor along: those alone say nothing."""
        if self.default is None or self.is_secret:
            return False
        return text.strip().lower() == self.kind.format(self.default).lower()


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
    setters: Setters | None = None,
) -> Any:
    """A field of a section; `unset` says in words what leaving it blank means, `setters` who may
    set it where that is not what its scope says.
    """
    return Row("", kind, label, help, example, default, unset, scope, secret, aliases, setters)


def section(declared: type[S]) -> type[S]:
    """Of a named tuple whose fields are each a `setting`: its rows, and their defaults as its own.

    A data class would hold the rows as its fields' metadata, at the price of `dataclasses` and all
    that this imports: a tenth of a first boot.
    """
    made: Any = declared
    rows = {name: _declared(made, name) for name in made._fields}
    # No field of a named tuple begins like this, so none can take its place.
    made._rows = tuple(row._replace(key=name) for name, row in rows.items())
    made._field_defaults = {name: row.default for name, row in rows.items()}
    made.__new__.__defaults__ = tuple(made._field_defaults.values())
    return declared


def _declared(section: Any, name: str) -> Row:
    row = section._field_defaults.get(name)
    if not isinstance(row, Row):
        raise TypeError(f"{section.__name__}.{name} is {row!r}; accepted is a setting(...)")
    return row


def rows_of(category: str, declared: Any) -> tuple[Row, ...]:
    """The rows that a section declares, in order, with their full keys."""
    rows: tuple[Row, ...] = declared._rows
    return tuple(row._replace(key=f"{category}.{row.key}") for row in rows)
