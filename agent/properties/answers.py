"""What a source answered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agent.errors import Fault
from agent.typed import NamedTuple

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Raw(NamedTuple):
    """What one document holds: texts by key, and the keys whose text cannot be told, as faults."""

    texts: Mapping[str, str] = _NOTHING
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without a text: any may be a secret."""
        return f"Raw({', '.join(self.texts)}, {self.faults!r}, {self.notices!r})"


class Answers(NamedTuple):
    """What one source said. `tried` tells of each source asked, in order; `faults` are of sources
    that could not be understood. `is_strict` and `unreadable` are for `accept`: an answers file is
    written for us alone, an environment is not, and a setting may be given whose text cannot be
    told. `document` is an environment as it came.
    """

    raw: Mapping[str, str] = _NOTHING
    source: str = ""
    tried: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_strict: bool = False
    notices: tuple[str, ...] = ()
    document: bytes = b""
    unreadable: tuple[Fault, ...] = ()

    def __repr__(self) -> str:
        """Without a text: any may be a secret."""
        told = f"{self.source!r}, {self.tried!r}, {self.faults!r}, {self.unreadable!r}"
        return f"Answers({', '.join(self.raw)}, {told})"
