"""Steps: what is skipped, what runs again, and how a run is taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.errors import StepFailed
from agent.steps.journal import Entry, Journal
from agent.steps.run import run_steps, undo_steps
from agent.steps.step import Step, StepState, key_of
from agent.system.files import Files
from tests.fakes.clock import FakeClock

NAME = "/var/lib/bandstand/journal/root.json"


@dataclass
class Scene:
    """Steps that write down what they do; those in `broken` fail."""

    files: Files
    clock: FakeClock = field(default_factory=FakeClock)
    did: list[str] = field(default_factory=list[str])
    broken: set[str] = field(default_factory=set[str])
    untrue: set[str] = field(default_factory=set[str])

    def step(self, name: str, key: str = "k") -> Step:
        return Step(
            name,
            lambda: self._act(name),
            key,
            undo=lambda: self.did.append(f"undo {name}"),
            holds=lambda: name not in self.untrue,
        )

    def run(self, *steps: Step, told: list[Entry] | None = None) -> tuple[Step, ...]:
        tell = [] if told is None else told
        return run_steps(steps, self.journal, self.clock, tell=tell.append)

    @property
    def journal(self) -> Journal:
        return Journal.load(self.files, NAME)

    def states(self) -> dict[str, StepState]:
        return {name: entry.state for name, entry in self.journal.entries.items()}

    def _act(self, name: str) -> None:
        self.did.append(name)
        self.clock.pass_s(1.5)
        if name in self.broken:
            raise StepFailed(f"{name} broke")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(Files(tmp_path))


def test_steps_run_in_order_and_are_marked(scene: Scene) -> None:
    scene.run(scene.step("a"), scene.step("b"))
    assert scene.did == ["a", "b"]
    assert scene.states() == {"a": StepState.DONE, "b": StepState.DONE}
    assert scene.journal.entries["a"].seconds == 1.5
    assert scene.journal.entries["b"].started == "2026-01-02T03:04:06Z"


def test_what_is_done_under_the_same_key_is_skipped_and_told(scene: Scene) -> None:
    scene.run(scene.step("a"))
    told: list[Entry] = []
    assert scene.run(scene.step("a"), told=told) == ()
    assert scene.did == ["a"]
    assert [entry.state for entry in told] == [StepState.SKIPPED]


def test_a_changed_key_runs_again(scene: Scene) -> None:
    scene.run(scene.step("a", key_of("one")))
    scene.run(scene.step("a", key_of("two")))
    assert scene.did == ["a", "a"]


def test_a_done_mark_that_no_longer_holds_runs_again(scene: Scene) -> None:
    scene.run(scene.step("a"))
    scene.untrue.add("a")
    scene.run(scene.step("a"))
    assert scene.did == ["a", "a"]


def test_a_failure_takes_back_this_run_last_first(scene: Scene) -> None:
    scene.run(scene.step("before"))
    scene.did.clear()
    scene.broken.add("c")
    with pytest.raises(StepFailed, match="c broke"):
        scene.run(*(scene.step(name) for name in ("before", "a", "b", "c", "d")))
    assert scene.did == ["a", "b", "c", "undo c", "undo b", "undo a"]
    assert scene.states() == {
        "before": StepState.DONE,
        "a": StepState.UNDONE,
        "b": StepState.UNDONE,
        "c": StepState.FAILED,
    }


def test_what_failed_or_was_undone_is_tried_again(scene: Scene) -> None:
    scene.broken.add("b")
    with pytest.raises(StepFailed):
        scene.run(scene.step("a"), scene.step("b"))
    scene.broken.clear()
    scene.did.clear()
    scene.run(scene.step("a"), scene.step("b"))
    assert scene.did == ["a", "b"]


def test_a_later_undo_takes_the_marks_with_it(scene: Scene) -> None:
    done = scene.run(scene.step("a"), scene.step("b"))
    undo_steps(done, scene.journal)
    assert scene.did[2:] == ["undo b", "undo a"]
    assert set(scene.states().values()) == {StepState.UNDONE}


def test_each_change_is_told_as_it_happens(scene: Scene) -> None:
    told: list[Entry] = []
    scene.run(scene.step("a"), told=told)
    assert [entry.state for entry in told] == [StepState.RUNNING, StepState.DONE]


@pytest.mark.parametrize(
    "torn",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        '{"steps": [{}]}',
        '{"steps": [{"name": "a", "state": "flying", "key": "k", "started": "", "seconds": 0}]}',
        '{"steps": 3}',
        "\0\0\0",
    ],
)
def test_a_torn_journal_counts_as_empty(scene: Scene, torn: str) -> None:
    scene.run(scene.step("a"))
    scene.files.write(NAME, torn)
    scene.run(scene.step("a"))
    assert scene.did == ["a", "a"]
    assert scene.states() == {"a": StepState.DONE}


def test_the_journal_is_for_root_alone(scene: Scene) -> None:
    scene.run(scene.step("a"))
    assert scene.files.path(NAME).stat().st_mode & 0o777 == 0o600


def test_keys_tell_inputs_apart() -> None:
    assert key_of("a", "b") == key_of("a", "b")
    assert key_of("a", "b") != key_of("ab")
