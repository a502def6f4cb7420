"""The verb settings: what forms begin with. Accepted, asked and refused, in force; never a secret.

accepted, effective  texts by key, of the node's own and of what is to be in force; what has its
                     default is left out, and credentials are concealed
asked                texts that were refused, of which `faults` says what is wrong
secrets              the keys that are set to one
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.accepted import asked, refused, store
from agent.errors import Fault
from agent.settings import normal
from agent.settings.declaration import CORE, Settings
from agent.status.merge import published
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import rows_of, text_of
from agent.values.words import concealed


def settings(host: Host) -> dict[str, Any]:
    accepted, told = store.load(host.files), refused.load(host.files)
    faults = tuple(_each_once((*accepted.faults, *told.faults, *_of_settings(host))))
    return {
        "accepted": texts_of(accepted.own),
        "asked": asked.standing(told.asked, faults),
        "secrets": sorted(normal.secrets_of(accepted.own)),
        "faults": [fault.as_json() for fault in faults],
        "took": dict(told.took),
        "membership": accepted.membership.value,
        "effective": texts_of(accepted.effective()),
    }


def texts_of(made: Settings) -> dict[str, str]:
    """The set keys in normal form; of a value that holds credentials, the rest."""
    values = normal.secrets_of(made)
    rows = ((key, CORE.find(key), value) for key, value in values.items())
    hidden = {
        key: concealed(value.reveal())
        for key, row, value in rows
        if row is not None and not row.is_secret
    }
    return {**normal.to_text(made), **hidden}


def _of_settings(host: Host) -> Iterator[Fault]:
    """What the status tells now of a setting, such as a gateway that is silent."""
    for row in rows_of(published(host.files).get("faults")):
        if CORE.find(text_of(row.get("setting"))) is not None:
            parts = (text_of(row.get(name)) for name in ("setting", "message", "hint", "code"))
            yield Fault(*parts)


def _each_once(faults: Iterable[Fault]) -> Iterator[Fault]:
    """The status has the same ones, with a hint where there was none."""
    seen: set[tuple[str, str]] = set()
    for fault in faults:
        if (fault.setting, fault.message) not in seen:
            seen.add((fault.setting, fault.message))
            yield fault
