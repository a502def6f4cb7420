"""The verb secrets: which properties outside still hold one, by their keys; never a value."""

from __future__ import annotations

from typing import Any

from agent.errors import InputRefused
from agent.properties.read import read
from agent.settings import normal
from agent.settings.secret import MASK
from agent.system.host import Host


def secrets(host: Host) -> dict[str, Any]:
    """Asks the sources as first boot does; raises InputRefused where one cannot be understood."""
    answers = read(host)
    if answers.faults and not answers.raw:
        raise InputRefused(answers.faults)
    shown = normal.redact(answers.raw)
    keys = sorted(key for key, text in shown.items() if text == MASK)
    return {"secrets": keys, "source": answers.source, "looked_at": list(answers.tried)}
