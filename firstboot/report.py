"""What first boot tells while it works: its fragment of the status, kept current."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from agent.change import Outcome
from agent.errors import BandstandError, Fault
from agent.status import fragment, merge
from agent.status.model import Phase, State
from agent.steps.journal import Entry
from agent.steps.step import StepState
from agent.system.clock import stamp
from agent.system.host import Host

_RELEASE = "/etc/bandstand/release"


# What takes time is told as it begins, and what ended together with what comes next: a status
# written for every change would cost as much as the changes.
_TOLD_AT_ONCE = (StepState.RUNNING, StepState.FAILED)
# These are over in milliseconds, or at the limit of the program that they start.
QUICK = frozenset(("firewall.rules", "node.cloud-init", "node.name", "node.ssh", "node.timezone"))
# What went well stands in the status with its times; the journal has what did not.
_ENTERED = (StepState.FAILED, StepState.UNDONE)


class Report:
    """Collects phase, steps and faults, and publishes whatever somebody may have to wait for."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._steps: dict[str, Entry] = {}
        self._content: dict[str, object] = {"version": _version(host), "faults": []}

    def enter(self, phase: Phase) -> None:
        self._note(phase=phase.value, state=State.WORKING.value, step="", since=self._now())
        if phase is Phase.READING:
            self._publish()

    def step(self, entry: Entry) -> None:
        self._steps[entry.name] = entry
        self._note(step=entry.name)
        if entry.state in _TOLD_AT_ONCE and not _is_soon_over(entry):
            self._publish()
        if entry.state in _ENTERED:
            from agent.status import entries

            phase = str(self._content.get("phase", ""))
            entries.step(
                self._host.files, entry.name, entry.state, seconds=entry.seconds, phase=phase
            )

    def read_from(self, source: str, tried: Sequence[str]) -> None:
        self._note(source=source, sources_tried=list(tried))

    def notices(self, notices: Sequence[str]) -> None:
        self._note(notices=list(notices))

    def changed(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Of each property that is changed: what it says now, and whether that was applied."""
        self._note(changed_properties=list(rows))

    def end(self, outcome: Outcome) -> None:
        self._note(
            phase=Phase.READY.value,
            state=(State.DEGRADED if outcome.faults else State.READY).value,
            step="",
            since=self._now(),
            faults=[fault.as_json() for fault in outcome.faults],
            fallbacks=[fallback.as_json() for fallback in outcome.fallbacks],
        )
        # Before the status is written: the journal looks up the unit of who sends, and a process
        # that has left by then has none.
        if outcome.faults or outcome.fallbacks:
            self._enter(outcome)
        self._publish()

    def _enter(self, outcome: Outcome) -> None:
        """In the journal. A boot that went well does not pay for the way there: of that, as of all
        that comes later, the agent tells.
        """
        from agent.status import entries

        for fault in outcome.faults:
            entries.fault(self._host.files, fault)
        for fallback in outcome.fallbacks:
            entries.fallback(self._host.files, fallback.category, fallback.took)

    def faults(self, faults: Sequence[Fault]) -> None:
        self._note(faults=[fault.as_json() for fault in faults])

    def _note(self, **changes: object) -> None:
        self._content |= changes

    def _publish(self) -> None:
        self._content["steps"] = [row.as_json() for row in self._steps.values()]
        try:
            _ = fragment.put(self._host.files, "firstboot", self._content)
            _ = merge.publish(self._host.files)
        except (BandstandError, OSError) as error:
            # A status that cannot be told is no reason to stop.
            _ = sys.stderr.write(f"the status could not be told: {error}\n")

    def _now(self) -> str:
        return stamp(self._host.clock.now())


def _is_soon_over(entry: Entry) -> bool:
    return entry.state is StepState.RUNNING and entry.name in QUICK


def _version(host: Host) -> str:
    lines = (host.files.read(_RELEASE) or "").splitlines()
    found = [line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION=")]
    return found[0] if found else "unknown"
