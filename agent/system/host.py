"""The machine as the stages see it: the doors, handed along together."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.run import Run, run


@dataclass(frozen=True)
class Host:
    """Files, processes and time of one machine; tests hand in fakes."""

    files: Files = field(default_factory=Files)
    run: Run = run
    clock: Clock = field(default_factory=Clock)
