"""The verb firewall: the accepted rules loaded once more, whatever somebody made of them."""

from __future__ import annotations

from collections.abc import Sequence

from agent import change as story
from agent.accepted import store
from agent.apply.change import JOURNAL, PATIENCE_S, teller
from agent.ask.serve import TellStep
from agent.change import STAGES, Stage
from agent.firewall.state import RULES_FILE
from agent.status.model import Phase
from agent.steps.journal import Journal
from agent.system.host import Host
from agent.system.lock import locked
from agent.typed import Any


def reload(
    host: Host,
    tell: TellStep,
    *,
    stages: Sequence[Stage] = STAGES,
    patience_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """`changed` says whether they were others, in the kernel or on disk."""
    with locked(host.files, timeout_s=patience_s):
        journal = Journal.load(host.files, JOURNAL)
        # A done-mark says what is on disk, and nothing of the kernel.
        for name in [one for one in journal.entries if one.startswith(f"{Phase.FIREWALL}.")]:
            del journal.entries[name]
        before = _in_force(host)
        _ = story.apply(
            host,
            store.load(host.files),
            journal,
            tell=teller(host, tell),
            stages=[stage for stage in stages if stage.phase is Phase.FIREWALL],
        )
        return {"changed": _in_force(host) != before}


def _in_force(host: Host) -> tuple[str, str]:
    """Without the counters, which change by themselves."""
    listed = host.run("nft", "--stateless", "list", "table", "inet", "bandstand", check=False)
    return listed.stdout, host.files.read(RULES_FILE) or ""
