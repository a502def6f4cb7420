"""The verb node-set: settings put over those of the node, judged whole, in force, then accepted.

args: settings {key: text}; blank takes a setting out. The card's own are tried (network-set), acts
are done, and what belongs to a cluster is changed for all of it: none of these is set here.

node-undo sets what the last node-set changed to what it was before, once, while that still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from agent.accepted import claim, node_before
from agent.accepted.reapply import candidate
from agent.accepted.store import Accepted, Membership
from agent.apply import editing, righted
from agent.apply.change import PATIENCE_S, bring, refuse_before_first_boot
from agent.ask.serve import TellStep
from agent.change import STAGES, Stage
from agent.errors import Fault, InputRefused, NotNow
from agent.settings import normal, setters
from agent.settings.accept import ALONE
from agent.settings.declaration import CORE, Settings
from agent.settings.declare import Face, Scope
from agent.settings.gather import Given, gather
from agent.system.host import Host
from agent.typed import Any, NamedTuple
from agent.values.json_object import is_object
from agent.values.words import concealed, is_unset

_CARD = "network"
# Blank is no way to take it out: the account would keep it.
_STAYS = "node.admin_password"


class Made(NamedTuple):
    """What would be accepted, by which keys, and what is worth saying."""

    accepted: Accepted
    taken: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()


def set_node(
    host: Host,
    args: Mapping[str, Any],
    tell: TellStep,
    *,
    face: Face,
    stages: Sequence[Stage] = STAGES,
    patience_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """Raises InputRefused with all faults; then nothing is done."""
    texts = _texts(args.get("settings"))
    refuse_before_first_boot(host.files)
    for form in {key.partition(".")[0] for key in texts}:
        editing.refuse_lost(host.files, form)

    def note(former: Settings, own: Settings) -> None:
        change = node_before.between(former, own)
        if change.before or change.secrets:
            _ = node_before.save(host.files, change)

    return _brought(
        host, lambda accepted: judge(accepted, texts, face), note, tell, stages, patience_s
    )


def undo(
    host: Host,
    tell: TellStep,
    *,
    face: Face,
    stages: Sequence[Stage] = STAGES,
    patience_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """Raises NotNow where nothing is known to go back to, or it was changed otherwise since."""
    change = _last(host)

    def judged(accepted: Accepted) -> Made:
        if not change.stands(accepted.own):
            keys = ", ".join(change.before)
            raise NotNow(
                f"the last change ({keys}) is not what stands now: something else changed it since",
                hint="bandstand node set sets each of them anew",
            )
        return judge(accepted, change.before, face)

    def note(_former: Settings, _own: Settings) -> None:
        _ = node_before.forget(host.files)

    result = _brought(host, judged, note, tell, stages, patience_s)
    kept = [f"{key}: stays; of a secret no former one is kept" for key in change.secrets]
    notices = [*result["notices"], *kept]
    return {**result, "notices": notices, "settings": list(change.before)}


def _last(host: Host) -> node_before.Change:
    change = node_before.load(host.files)
    if change is None:
        raise NotNow("there is nothing to undo: no change of this node's settings is known")
    if not change.before:
        raise NotNow(
            f"the last change was of secrets alone ({', '.join(change.secrets)}), of which no"
            " former one is kept",
            hint="bandstand node set, and the console's form, take another one",
        )
    return change


def _brought(
    host: Host,
    judged: Callable[[Accepted], Made],
    note: Callable[[Settings, Settings], None],
    tell: TellStep,
    stages: Sequence[Stage],
    patience_s: float,
) -> dict[str, Any]:
    """`note` is called with the settings before and after once those are in force."""
    former, made = Settings(), Made(Accepted())

    def make(accepted: Accepted) -> Accepted:
        nonlocal former, made
        former, made = accepted.own, judged(accepted)
        return made.accepted

    def keep(accepted: Accepted) -> None:
        # An init that waits goes on with what is accepted now.
        claim.put(host.files, accepted.own)
        note(former, accepted.own)

    result = bring(host, make, tell, keep=keep, stages=stages, patience_s=patience_s)
    righted.put_right(host, made.taken)
    return {
        "changed": result["changed"],
        "faults": result["faults"],
        "notices": [*made.notices, *_outranked(made)],
    }


def judge(accepted: Accepted, texts: Mapping[str, str], face: Face) -> Made:
    """All faults at once, as first boot finds them; raises InputRefused."""
    gathered = gather(texts, CORE, strict=True)
    given = {**_blanks(texts), **gathered.given}
    barred = tuple(_barred(given, accepted, face))
    names = {fault.setting for fault in barred}
    open_ = {key: one for key, one in given.items() if key not in names}
    new = {key: one for key, one in open_.items() if not _is_as_shown(one, accepted)}
    hidden = {key for key, one in new.items() if _has_concealed(one)}
    new = {key: one for key, one in new.items() if key not in hidden}
    wanted = candidate(accepted.own, new, new, frozenset())
    faults = (
        *gathered.faults,
        *barred,
        *(_retyped(key) for key in sorted(hidden)),
        *wanted.acceptance.faults,
    )
    if faults:
        raise InputRefused(faults)
    about = {key.partition(".")[0] for key in given}
    said = [one for one in wanted.acceptance.notices if one.partition(".")[0] in about]
    notices = (*gathered.notices, *said)
    return Made(accepted._replace(own=wanted.own), frozenset(open_), notices)


def _texts(found: object) -> dict[str, str]:
    if not is_object(found) or not all(isinstance(text, str) for text in found.values()):
        raise InputRefused((Fault("settings", "is not an object of texts by key"),))
    if not found:
        missing = "names no setting; accepted is KEY with a value, such as node.name"
        raise InputRefused((Fault("settings", missing, code="missing"),))
    return dict(found)


def _blanks(texts: Mapping[str, str]) -> dict[str, Given]:
    """Each key as if it were blank: over that goes what says something."""
    rows = ((CORE.find(name), name) for name in texts)
    return {row.key: Given(row, "", name) for row, name in rows if row is not None}


def _barred(given: Mapping[str, Given], accepted: Accepted, face: Face) -> Iterator[Fault]:
    """What is not for this verb, or not for who asks."""
    is_member = accepted.membership is not Membership.NONE
    for key, one in given.items():
        row = one.row
        if row.category == _CARD and key not in ALONE:
            hint = "bandstand network set tries it, and the console's form of the network"
            yield Fault(key, "is the card's: it is tried before it is kept", hint, "foreign")
        elif row.scope is Scope.ACT:
            hint = "bandstand cluster init, or bandstand cluster join"
            yield Fault(key, "is done once, and is no setting that is kept", hint, "foreign")
        elif not row.may_set(face, is_member=is_member):
            yield setters.fault(row, face, is_member=is_member)
        elif is_member and row.set_by.member != row.set_by.alone:
            hint = "The node's own value is kept, and counts again when it leaves its cluster."
            yield Fault(
                key, "belongs to the cluster, and is changed for all of it", hint, "not-here"
            )
        elif key == _STAYS and is_unset(one.text):
            hint = "Give another one; a factory reset takes it away."
            yield Fault(key, "is blank; a password can be changed, not taken out", hint, "missing")


def _is_as_shown(one: Given, accepted: Accepted) -> bool:
    """A form hands back what it was filled with: that is no change."""
    if not one.row.kind.has_credentials:
        return False
    held = normal.secrets_of(accepted.own).get(one.row.key)
    return held is not None and one.text.strip() == concealed(held.reveal())


def _has_concealed(one: Given) -> bool:
    return one.row.kind.has_credentials and concealed("@") in one.text


def _retyped(key: str) -> Fault:
    said = "has its credentials concealed, which are not read back"
    return Fault(key, said, "Type them again, or leave the setting as it is.", "concealed")


def _outranked(made: Made) -> Iterator[str]:
    for key in sorted(made.taken & made.accepted.shared.keys()):
        if made.accepted.membership is not Membership.NONE:
            yield f"{key}: the cluster's value outranks it, until this node leaves"
