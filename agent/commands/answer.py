"""What a command says: in words for people, as data for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """`words` is printed as it is, `data` as one JSON object with `--json`; both say the same."""

    words: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    exit_code: int = 0
