"""Load the rules and keep them for the next boot, or go back to the former ones."""

from __future__ import annotations

from agent.firewall.plan import FirewallPlan
from agent.firewall.state import RULES_FILE
from agent.steps.step import Step
from agent.system import systemd
from agent.system.host import Host

_MODE = 0o755
_UNIT = "nftables.service"
_BOOT = "sysinit.target"
_NO_TABLE = "table inet bandstand\ndelete table inet bandstand\n"


def steps(plan: FirewallPlan, host: Host) -> tuple[Step, ...]:
    """One step; the kernel takes a rules file whole or not at all."""
    swap = _Swap(plan, host)
    return (Step("firewall.rules", swap.act, plan.key, undo=swap.undo, holds=swap.holds),)


class _Swap:
    """The rules loaded, then kept; nft itself is the check: what it refuses changes nothing."""

    def __init__(self, plan: FirewallPlan, host: Host) -> None:
        self._plan, self._host = plan, host
        self._is_loaded = False

    def holds(self) -> bool:
        files = self._host.files
        kept = files.read(RULES_FILE) == self._plan.text
        return kept and systemd.is_enabled(files, _UNIT, wanted_by=_BOOT)

    def act(self) -> None:
        files = self._host.files
        _ = self._host.run("nft", "-f", "-", stdin=self._plan.text)
        self._is_loaded = True
        _ = files.write(RULES_FILE, self._plan.text, mode=_MODE)
        _ = systemd.enable(files, _UNIT, wanted_by=_BOOT)

    def undo(self) -> None:
        """Former rules of another make may be without a table of ours, so ours goes first."""
        if not self._is_loaded:
            return
        files, former = self._host.files, self._plan.former
        _ = self._host.run("nft", "-f", "-", stdin=_NO_TABLE + (former or ""))
        if former is None:
            _ = files.remove(RULES_FILE)
        else:
            _ = files.write(RULES_FILE, former, mode=_MODE)
        self._is_loaded = False
