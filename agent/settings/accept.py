"""The one validator: raw answers in, settings and all faults at once out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.errors import Fault
from agent.settings.declaration import CORE, Declaration, Settings


@dataclass(frozen=True)
class Acceptance:
    """What is to hold. `refused` names the categories that took their default because of a fault;
    of `node` only the faulty fields did.
    """

    settings: Settings
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()


def accept(
    raw: Mapping[str, str], *, declaration: Declaration = CORE, strict: bool = False
) -> Acceptance:
    """Never raises. `strict` makes unknown keys faults, as answers files want it."""
    raise NotImplementedError
