"""What the last change did, as a part of the status: `change` {since, steps} of status.json.

It goes with the next boot, whose own steps are told as first boot's are.
"""

from __future__ import annotations

import logging

from agent.errors import BandstandError
from agent.status import fragment, merge
from agent.steps.journal import Entry
from agent.steps.step import StepState
from agent.system.clock import stamp
from agent.system.host import Host

PROCESS = "change"

log = logging.getLogger(__name__)


class Progress:
    """The steps of one change, each as it stands last. One that finds all of it so is none, and
    leaves what was told before.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._since = stamp(host.clock.now())
        self._steps: dict[str, Entry] = {}
        self._is_change = False

    def step(self, entry: Entry) -> None:
        self._steps[entry.name] = entry
        self._is_change = self._is_change or entry.state is not StepState.SKIPPED
        if self._is_change:
            self._tell()

    def _tell(self) -> None:
        """What cannot be told is done all the same."""
        steps = [entry.as_json() for entry in self._steps.values()]
        said = {"change": {"since": self._since, "steps": steps}}
        try:
            _ = fragment.put(self._host.files, PROCESS, said)
            _ = merge.publish(self._host.files, self._host.clock)
        except (BandstandError, OSError) as error:
            log.warning("the steps of a change cannot be told: %s", error)
