"""What a source answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.errors import Fault


@dataclass(frozen=True)
class Answers:
    """What one source said. `tried` tells of each source asked, in order; `is_strict` is for
    `accept(..., strict=)`: an answers file is written for us alone, an environment is not.
    """

    raw: dict[str, str] = field(default_factory=dict[str, str])
    source: str = ""
    tried: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_strict: bool = False
