"""The verb change: what the cluster shares, or leaving it, is brought in force and then accepted.

args: membership "none", "joining" or "member"; shared {key: text}, the whole shared layer.
Without `shared` the layer stays, but for leaving, which drops it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agent import change as story
from agent.accepted import store
from agent.accepted.store import Accepted, Membership, shareable
from agent.access import code
from agent.apply.progress import Progress
from agent.ask.serve import TellStep
from agent.certs.pair import read_pair
from agent.change import STAGES, Stage
from agent.errors import Fault, InputRefused, NotNow
from agent.settings import normal
from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.status import entries
from agent.steps import trial
from agent.steps.journal import Entry, Journal
from agent.steps.run import Tell
from agent.steps.step import StepState
from agent.system.files import Files
from agent.system.host import Host
from agent.system.lock import locked
from agent.typed import Any
from agent.values.json_object import is_object

# The one that first boot keeps too: root's runs are one story.
JOURNAL = "/var/lib/bandstand/journal/root.json"
# First boot holds the lock no longer than this, short of something wrong.
PATIENCE_S = 60.0
_ENTERED = (StepState.DONE, StepState.FAILED, StepState.UNDONE)

Make = Callable[[Accepted], Accepted]


def _nothing(_: Accepted) -> None:
    return None


def change(
    host: Host,
    args: Mapping[str, Any],
    tell: TellStep,
    *,
    stages: Sequence[Stage] = STAGES,
    patience_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """In force first, stored then: a change that fails, or cannot be stored, leaves nothing behind.

    Raises InputRefused with all faults, NotNow while another change, or a trial, is under way.
    """
    asked = _asked(args)
    result = bring(
        host, lambda accepted: _with(accepted, asked), tell, stages=stages, patience_s=patience_s
    )
    if result["membership"] != Membership.NONE:
        # The node is claimed; nor does the code open anything once it has left.
        _ = code.void(host.files)
    return result


def bring(
    host: Host,
    make: Make,
    tell: TellStep,
    *,
    keep: Callable[[Accepted], object] = _nothing,
    stages: Sequence[Stage] = STAGES,
    patience_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """Bring in force, and then accept, what `make` makes of what is accepted now; `keep` what goes
    with that.
    """
    with locked(host.files, timeout_s=patience_s):
        refuse_before_reset(host.files)
        trial.refuse_beside(host.files, host.clock)
        accepted = make(store.load(host.files))
        journal = Journal.load(host.files, JOURNAL)
        before = store.edition(host.files)
        outcome = story.apply(
            host,
            accepted,
            journal,
            tell=teller(host, tell),
            keep=lambda: (keep(accepted), store.save(host.files, accepted)),
            stages=stages,
        )
        is_new = store.edition(host.files) != before
    return {
        "changed": is_new,
        "membership": accepted.membership.value,
        "shared": sorted(accepted.shared),
        "faults": [fault.as_json() for fault in outcome.faults],
        "fallbacks": [fallback.as_json() for fallback in outcome.fallbacks],
    }


def refuse_before_first_boot(files: Files) -> None:
    """Raises NotNow while there is nothing that a change could be put over."""
    if not store.exists(files):
        raise NotNow(
            "first boot has not accepted this node's settings yet",
            hint="systemctl status bandstand-firstboot says how far it is",
        )


def refuse_before_reset(files: Files) -> None:
    """Raises NotNow where the next boot forgets everything."""
    if files.exists(store.RESET):
        raise NotNow(
            "this node is about to restart and to be as new: a factory reset was asked for",
            hint="bandstand node power restart, should it not restart by itself",
            code="reset",
        )


def teller(host: Host, tell: TellStep) -> Tell:
    """Each step goes to who asked, into the status, and where it ended into the journal."""
    progress = Progress(host)

    def tell_entry(entry: Entry) -> None:
        tell(entry.as_json())
        progress.step(entry)
        if entry.state in _ENTERED:
            entries.step(host.files, entry.name, entry.state, seconds=entry.seconds)

    return tell_entry


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
    """Read by their kinds, and the pair by its match: its dates were judged when it was given,
    and a cluster whose certificate ended must still come together.
    """
    if not is_object(texts) or not all(isinstance(text, str) for text in texts.values()):
        return {}, (Fault("shared", "is not an object of texts by key"),)
    foreign = sorted(set(texts) - set(shareable(texts)))
    if foreign:
        return {}, tuple(
            Fault(key, "is not for a cluster to set on its members") for key in foreign
        )
    try:
        settings = normal.from_text(texts)
    except InputRefused as refused:
        return {}, refused.faults
    return {**normal.to_text(settings), **normal.secrets_of(settings)}, _pair(settings.tls)


def _pair(tls: Tls) -> tuple[Fault, ...]:
    if tls.certificate is None and tls.key is None:
        return ()
    if tls.certificate is None or tls.key is None:
        return (Fault("tls.key", "a certificate and its key are shared together or not at all"),)
    try:
        _ = read_pair(tls.certificate, tls.key.reveal())
    except ValueError as error:
        return (Fault("tls.key", str(error)),)
    return ()


def _with(accepted: Accepted, asked: tuple[Membership | None, _Shared | None]) -> Accepted:
    membership, shared = asked
    if shared is None:
        shared = {} if membership is Membership.NONE else dict(accepted.shared)
    return accepted._replace(
        membership=accepted.membership if membership is None else membership,
        shared=shared,
    )
