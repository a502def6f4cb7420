"""The verb change: what the cluster shares, or leaving it, is brought in force and then accepted.

args: membership "none", "joining" or "member"; shared {key: text}, the whole shared layer.
Without `shared` the layer stays, but for leaving, which drops it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent import change as story
from agent.accepted import store
from agent.accepted.store import Accepted, Membership, shareable
from agent.ask.server import TellStep
from agent.errors import Fault, InputRefused
from agent.settings import normal
from agent.settings.accept import accept
from agent.settings.secret import Secret
from agent.steps.journal import Entry, Journal
from agent.system.host import Host
from agent.system.lock import locked
from agent.values.json_object import is_object

# The one that first boot keeps too: root's runs are one story.
JOURNAL = "/var/lib/bandstand/journal/root.json"


def change(host: Host, args: Mapping[str, Any], tell: TellStep) -> dict[str, Any]:
    """In force first, stored then: a change that fails leaves nothing behind.

    Raises InputRefused with all faults, NotNow while another change is under way.
    """

    def tell_entry(entry: Entry) -> None:
        tell(entry.as_json())

    asked = _asked(args)
    with locked(host.files):
        accepted = _with(store.load(host.files), asked)
        journal = Journal.load(host.files, JOURNAL)
        outcome = story.apply(host, accepted, journal, tell=tell_entry)
        is_new = store.save(host.files, accepted)
    return {
        "changed": is_new,
        "membership": accepted.membership.value,
        "shared": sorted(accepted.shared),
        "faults": [fault.as_json() for fault in outcome.faults],
        "fallbacks": [fallback.as_json() for fallback in outcome.fallbacks],
    }


_Shared = dict[str, str | Secret]


def _asked(args: Mapping[str, Any]) -> tuple[Membership | None, _Shared | None]:
    membership, faults = _membership(args.get("membership"))
    shared: _Shared | None = None
    if "shared" in args:
        shared, more = _shared(args["shared"])
        faults += more
    if faults:
        raise InputRefused(faults)
    return membership, shared


def _membership(text: object) -> tuple[Membership | None, tuple[Fault, ...]]:
    if text is None:
        return None, ()
    known = ", ".join(Membership)
    if not isinstance(text, str) or text not in known.split(", "):
        return None, (Fault("membership", f"is none of {known}"),)
    return Membership(text), ()


def _shared(texts: object) -> tuple[_Shared, tuple[Fault, ...]]:
    """Judged by the one validator, as if a person had answered."""
    if not is_object(texts) or not all(isinstance(text, str) for text in texts.values()):
        return {}, (Fault("shared", "is not an object of texts by key"),)
    foreign = sorted(set(texts) - set(shareable(texts)))
    if foreign:
        return {}, tuple(
            Fault(key, "is not for a cluster to set on its members") for key in foreign
        )
    acceptance = accept(texts, strict=True)
    settings = acceptance.settings
    return {**normal.to_text(settings), **normal.secrets_of(settings)}, acceptance.faults


def _with(accepted: Accepted, asked: tuple[Membership | None, _Shared | None]) -> Accepted:
    membership, shared = asked
    if shared is None:
        shared = {} if membership is Membership.NONE else dict(accepted.shared)
    return replace(
        accepted,
        membership=accepted.membership if membership is None else membership,
        shared=shared,
    )
