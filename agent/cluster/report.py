"""What the status says of the cluster: a fragment of its own, published when it changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from agent.cluster.members import Listed
from agent.cluster.store.node import NodeState
from agent.errors import BandstandError, Fault
from agent.status import fragment, merge
from agent.status.model import Phase, State
from agent.steps.journal import Entry
from agent.steps.step import StepState
from agent.system.clock import Clock, stamp
from agent.system.files import Files
from agent.typed import Any

PROCESS = "cluster"


class Belonging(StrEnum):
    """How this node stands to a cluster, in one word."""

    NONE = "none"
    MAKING = "making"
    JOINING = "joining"
    MEMBER = "member"
    FAILED = "failed"


@dataclass(frozen=True)
class Report:
    """`waits`: the join, or init, is tried again later; `step` is the one under way, `since` when
    this node came to stand to its cluster as it does.
    """

    state: Belonging = Belonging.NONE
    id: str = ""
    name: str = ""
    members: tuple[Listed, ...] = ()
    config_version: int = 0
    faults: tuple[Fault, ...] = ()
    step: str = ""
    waits: bool = False
    steps: tuple[Entry, ...] = ()
    since: str = ""

    def with_step(self, entry: Entry) -> Report:
        others = tuple(step for step in self.steps if step.name != entry.name)
        step = entry.name if entry.state is StepState.RUNNING else self.step
        return replace(self, step=step, steps=(*others, entry))

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "cluster": {
                "state": self.state.value,
                "id": self.id,
                "name": self.name,
                "members": [one.as_json() for one in self.members],
                "config_version": self.config_version,
                "steps": [entry.as_json() for entry in self.steps],
            },
            "safe_to_restart": self._safe_to_restart(),
            "faults": [fault.as_json() for fault in self.faults],
        }
        if self.state in (Belonging.MAKING, Belonging.JOINING):
            state = State.WAITING if self.waits else State.WORKING
            said |= {"phase": Phase.CLUSTER.value, "state": state.value, "step": self.step}
            # Else that of first boot would stand, which was over long ago.
            said["since"] = self.since
        return said

    def _safe_to_restart(self) -> dict[str, Any]:
        if self.state in (Belonging.MAKING, Belonging.JOINING):
            return {"yes": False, "because": f"this node is {self.state} its cluster"}
        if self.state is not Belonging.MEMBER:
            return {"yes": True, "because": "no cluster counts on this node"}
        active = sum(one.state == NodeState.ACTIVE for one in self.members)
        if active > 1:
            return {"yes": True, "because": f"{active} nodes of the cluster are active"}
        return {"yes": False, "because": "no other node of the cluster is active"}


def fault_of(error: BandstandError, setting: str = "cluster.join") -> Fault:
    return Fault(setting, error.message, error.hint, error.code)


class Reporter:
    """Remembers the last report, so that a change is told in one place."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self.last = Report()
        self.node_id = ""

    def tell(self, report: Report) -> None:
        is_same = report.state is self.last.state and self.last.since
        since = self.last.since if is_same else stamp(self._clock.now())
        self.last = replace(report, since=since)
        said = self.last.as_json()
        if self.node_id:
            said["node"] = {"id": self.node_id}
        if fragment.put(self._files, PROCESS, said):
            _ = merge.publish(self._files, self._clock)
