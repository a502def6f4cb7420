"""The entry of bandstand-trial.service: it takes a trial back that nobody confirms.

It outlives who asked, and bandstand-apply; systemd starts it again where it dies itself; and of a
trial that a reboot ends, nothing is left to take back.
"""

from __future__ import annotations

import logging
import sys

from agent.apply import network
from agent.apply.network import Turn
from agent.audit import trail as audit
from agent.audit.trail import Deed
from agent.errors import BandstandError
from agent.steps import trial as record
from agent.steps.run import untold
from agent.steps.trial import TrialState
from agent.system.changes import Changes
from agent.system.host import Host
from agent.system.lock import locked

# A change that is kept meanwhile waits for carrier, leases and services.
_PATIENCE_S = 600.0
_LATE = "nobody confirmed it in time"
_BROKEN = "who tried it broke off"

log = logging.getLogger(__name__)


def keep_watch(turn: Turn) -> None:
    """Returns once there is no trial any more."""
    files, clock = turn.host.files, turn.host.clock
    while True:
        # Made before the reading: what comes between the two is not missed.
        with Changes(files.path(record.FOLDER)) as changes:
            trial = record.load(files)
            if trial is None:
                return
            if not trial.is_over(clock):
                _ = changes.wait(trial.left_s(clock))
                continue
        _end(turn)


def _end(turn: Turn) -> None:
    """By then it may be confirmed, or wait for that; or its process died and let go of the lock."""
    with locked(turn.host.files, timeout_s=_PATIENCE_S):
        trial = record.load(turn.host.files)
        if trial is None or not trial.is_over(turn.host.clock):
            return
        because = _LATE if trial.state is TrialState.WAITING else _BROKEN
        log.info("a trial of the network that is %s ends: %s", trial.state.value, because)
        end = network.mend if trial.state is TrialState.KEEPING else network.take_back
        about = {"because": because, "settings": ", ".join(sorted(trial.asked))}
        said = end(turn, trial, because)
        deed = Deed("nobody", "trial", "network-undo", str(said["state"]), about)
        audit.record(turn.host, deed)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        keep_watch(Turn(Host(), untold))
    except (BandstandError, OSError) as error:
        log.warning("the trial of the network is not taken back yet: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
