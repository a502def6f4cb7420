"""The machine as the stages see it: the doors, handed along together."""

from __future__ import annotations

from agent.system.clock import Clock
from agent.system.files import Files
from agent.system.run import Run, run
from agent.typed import NamedTuple


class Host(NamedTuple):
    """Files, processes and time of one machine; tests hand in fakes."""

    files: Files = Files()
    run: Run = run
    clock: Clock = Clock()
