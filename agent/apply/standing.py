"""The verb secrets: which properties outside still hold one, by their keys; never a value."""

from __future__ import annotations

from collections.abc import Sequence

from agent.errors import Fault, InputRefused
from agent.properties.read import read
from agent.settings import normal
from agent.settings.declaration import CORE
from agent.settings.secret import MASK
from agent.system.host import Host
from agent.typed import Any


def secrets(host: Host) -> dict[str, Any]:
    """Asks the sources as first boot does; raises InputRefused where none can be understood."""
    answers = read(host)
    if answers.faults and not answers.raw:
        raise InputRefused(answers.faults)
    shown = normal.redact(answers.raw)
    keys = {key for key, text in shown.items() if text == MASK}
    return {
        "secrets": sorted(keys | _garbled(answers.faults)),
        "source": answers.source,
        "looked_at": list(answers.tried),
        "faults": [fault.as_json() for fault in answers.faults],
    }


def _garbled(faults: Sequence[Fault]) -> set[str]:
    """Secrets whose text cannot be told still stand there."""
    rows = {fault.setting: CORE.find(fault.setting) for fault in faults}
    return {key for key, row in rows.items() if row is not None and row.is_secret}
