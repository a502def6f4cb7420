"""The verb secrets: which properties outside still hold one, by their keys; never a value."""

from __future__ import annotations

from collections.abc import Sequence

from agent.errors import Fault, InputRefused
from agent.properties.read import read
from agent.settings import normal
from agent.settings.declaration import CORE
from agent.system.host import Host
from agent.typed import Any


def secrets(host: Host) -> dict[str, Any]:
    """Asks the sources as first boot does; raises InputRefused where none can be understood."""
    answers = read(host)
    if answers.faults and not answers.source:
        raise InputRefused(answers.faults)
    shown = normal.redact(answers.raw)
    # Of an URL with credentials only a part is masked.
    keys = {key for key, text in answers.raw.items() if shown[key] != text}
    faults = (*answers.faults, *answers.unreadable)
    return {
        "secrets": sorted(keys | _garbled(answers.unreadable)),
        "source": answers.source,
        "looked_at": list(answers.tried),
        "faults": [fault.as_json() for fault in faults],
    }


def _garbled(faults: Sequence[Fault]) -> set[str]:
    """Secrets whose text cannot be told still stand there, and so may credentials in an URL."""
    rows = (CORE.find(fault.setting) for fault in faults)
    return {row.key for row in rows if row and (row.is_secret or row.kind.has_credentials)}
