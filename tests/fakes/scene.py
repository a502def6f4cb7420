"""A machine below a folder, on which steps are done and taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from agent.steps.journal import Journal
from agent.steps.run import undo_steps
from agent.steps.step import Step
from agent.system.files import Files
from agent.system.host import Host
from tests.fakes.run import FakeRun


@dataclass
class Machine:
    """Its files, its programs, and the journal of the steps done."""

    root: Path
    run: FakeRun = field(default_factory=FakeRun)

    @property
    def files(self) -> Files:
        return Files(self.root)

    @property
    def host(self) -> Host:
        return Host(files=self.files, run=self.run)

    @property
    def journal(self) -> Journal:
        return Journal.load(self.files, "/journal")

    def undo(self, done: tuple[Step, ...]) -> None:
        undo_steps(done, self.journal)
