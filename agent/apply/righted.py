"""What was refused and is right by now is told no more, by the status or by the next boot."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Set

from agent.accepted import refused
from agent.accepted.reapply import remaining, set_right
from agent.errors import BandstandError, Fault
from agent.settings.accept import ALONE
from agent.status import fragment, merge
from agent.status.model import State
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import rows_of, text_of

log = logging.getLogger(__name__)

_FIRST_BOOT = "firstboot"


def put_right(host: Host, keys: Set[str], standing: Iterable[Fault] = ()) -> None:
    """Never raises: the settings of these keys are accepted and in force by then. What the change
    itself found is `standing`.
    """
    try:
        _ = refused.save(host.files, set_right(refused.load(host.files), keys))
        _tell(host, keys, {(fault.setting, fault.code) for fault in standing})
    except (BandstandError, OSError):
        log.exception("what first boot told of %s still stands", ", ".join(sorted(keys)))


def _tell(host: Host, keys: Set[str], standing: Set[tuple[str, str]]) -> None:
    """The stage of a category tells its faults by the category alone: it was gone through whole."""
    content = fragment.get(host.files, _FIRST_BOOT)
    categories = {_category(key) for key in keys - ALONE}
    told = rows_of(content.get("faults"))
    left = [
        row
        for row in told
        if remaining((_fault(row),), keys | categories)
        or (text_of(row.get("setting")), text_of(row.get("code"))) in standing
    ]
    if left == told:
        return
    over = categories - {_category(row.get("setting")) for row in left}
    rows = rows_of(content.get("fallbacks"))
    content["faults"] = left
    content["fallbacks"] = [row for row in rows if text_of(row.get("category")) not in over]
    if not left and content.get("state") == State.DEGRADED:
        content["state"] = State.READY.value
    _ = fragment.put(host.files, _FIRST_BOOT, content)
    _ = merge.publish(host.files, host.clock)


def _fault(row: Mapping[str, Any]) -> Fault:
    return Fault(text_of(row.get("setting")), text_of(row.get("message")))


def _category(setting: object) -> str:
    return text_of(setting).partition(".")[0]
