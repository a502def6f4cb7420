"""What a source answered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from agent.errors import Fault

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Answers(NamedTuple):
    """What one source said. `tried` tells of each source asked, in order; `is_strict` is for
    `accept(..., strict=)`: an answers file is written for us alone, an environment is not.
    """

    raw: Mapping[str, str] = _NOTHING
    source: str = ""
    tried: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_strict: bool = False
