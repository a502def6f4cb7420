"""Rows that steer nodes carry a MAC that only members can make: writing to the database is not
control of the nodes.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from agent.cluster.seal import Keyring, Tampered, is_equal
from agent.typed import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from dataclasses import Field

    from agent.typed import Any


class Vouched(Protocol):
    """A row of a table that has a MAC."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def mac(self) -> bytes: ...

    def content(self) -> tuple[str, ...]: ...


Row = TypeVar("Row", bound=Vouched)


def vouch(keyring: Keyring, row: Row) -> Row:
    """The row with its MAC."""
    return dataclasses.replace(row, mac=keyring.mac(*row.content()))


def check(keyring: Keyring, row: Row) -> Row:
    """The row itself; raises Tampered where the MAC is not that of its content."""
    if not is_equal(row.mac, keyring.mac(*row.content())):
        table, *rest = row.content()
        raise Tampered(
            f"the row {rest[0]} of the table {table} was not written by a member of this cluster",
            hint="somebody changed the database by hand: nothing of that row is used",
        )
    return row
