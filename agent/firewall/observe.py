"""Look at the rules that are kept for the next boot."""

from __future__ import annotations

from agent.firewall.state import RULES_FILE, Observed
from agent.system.host import Host


def observe(host: Host) -> Observed:
    return Observed(text=host.files.read(RULES_FILE))
