"""The texts of what was refused, so that a form can be filled with them; never a secret.

Kept are those that a fault is about, or whose category it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.errors import Fault
from agent.settings import normal
from agent.settings.accept import ALONE
from agent.settings.gather import Given
from agent.settings.secret import MASK

# What people type, and a bundle of certificates; a form is no place for more.
_LONGEST, _MOST = 16_384, 65_536
_FIELD_BY_FIELD = "node"


def of(given: Mapping[str, Given], faults: Iterable[Fault]) -> dict[str, str]:
    """By key, credentials concealed; what is too long is left out whole."""
    texts = normal.redact({key: one.text for key, one in given.items() if not one.row.is_secret})
    found: dict[str, str] = {}
    left = _MOST
    for key, text in standing(texts, faults).items():
        if text != MASK and len(text) <= min(_LONGEST, left):
            found[key] = text
            left -= len(text)
    return found


def standing(texts: Mapping[str, str], faults: Iterable[Fault]) -> dict[str, str]:
    """Those of the texts that these faults concern."""
    named = {fault.setting for fault in faults}
    costly = {_category(key) for key in named - ALONE} - {_FIELD_BY_FIELD}
    return {
        key: text
        for key, text in texts.items()
        if key in named or (key not in ALONE and _category(key) in costly)
    }


def _category(key: str) -> str:
    return key.partition(".")[0]
