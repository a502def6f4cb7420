"""The one validator: raw answers in, settings and all faults at once out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

from agent.errors import Fault
from agent.settings.checks import (
    Checked,
    check_database,
    check_network,
    check_node,
    check_portal,
    check_tls,
)
from agent.settings.cluster import Cluster
from agent.settings.declaration import CORE, SECTIONS, Declaration, Settings
from agent.settings.declare import Face, Row
from agent.settings.gather import Given, gather
from agent.settings.secret import Secret
from agent.typed import Any, NamedTuple
from agent.values.words import concealed, is_private_key, items_of

_LONGEST = 65535
_SHOWN = 60
# What a fault of these costs is the one field, not the section (design: node, field by field).
_FIELD_BY_FIELD = frozenset({"node"})
# Nor do these cost the node its address, beside which they are declared.
ALONE = frozenset(f"network.{name}" for name in ("ntp", "http_proxy", "https_proxy", "no_proxy"))


def _check_cluster(cluster: Cluster, bad: Set[str]) -> Checked[Cluster]:
    if not bad and cluster._replace(name=None, hostname=None) == Cluster():
        return Checked(cluster)
    # Only a node that is to make or join a cluster pays for these rules.
    from agent.settings import claim

    return claim.check(cluster, bad)


_CHECKS: dict[str, Callable[[Any, Set[str]], Checked[Any]]] = {
    "network": check_network,
    "node": check_node,
    "tls": check_tls,
    "cluster": _check_cluster,
    "database": check_database,
    "portal": check_portal,
}


class Acceptance(NamedTuple):
    """What is to hold. `refused` names the categories that took their default because of a fault;
    of `node` only the faulty fields did, and those ALONE refuse no category.
    """

    settings: Settings
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()


def accept(
    raw: Mapping[str, str],
    *,
    declaration: Declaration = CORE,
    strict: bool = False,
    face: Face = Face.PROPERTY,
    is_member: bool = False,
    unreadable: Iterable[Fault] = (),
) -> Acceptance:
    """Never raises. `strict` makes unknown keys faults, as answers files want it. What `face` may
    not set, of a node by itself or of a member, is a fault too. `unreadable` are settings that are
    given, but whose text cannot be told: each is a field that could not be parsed.
    """
    gathered = gather(raw, declaration, strict=strict)
    faults, notices = gathered.faults, gathered.notices
    bad = _unread(gathered.given, faults, unreadable)
    answers = _allowed(gathered.given.values(), faults, face, is_member=is_member)
    values = _parse(answers, bad, faults, notices)
    settings = Settings()
    for category, section in SECTIONS.items():
        checked = _check(category, section(**values.get(category, {})), bad.get(category, set()))
        faults += checked.faults
        notices += checked.notices
        is_refused = category in _categories(faults)
        if not is_refused or category in _FIELD_BY_FIELD:
            settings = settings._replace(**{category: checked.section})
        elif category == "network":
            settings = settings._replace(network=checked.section.fallback)
    if values.get("cluster", {}).get("init"):
        settings = _with_its_database(settings, faults)
    if settings.tls.certificate or settings.portal.certificate:
        # Only a node with a certificate of its own pays for it.
        from agent.settings import across

        notices += across.notices(settings)
    refused = _categories(faults) & frozenset(declaration.categories)
    return Acceptance(settings, _in_order(faults, declaration), tuple(notices), refused)


def _with_its_database(settings: Settings, faults: list[Fault]) -> Settings:
    """A cluster that is to be made, or none where it lacks its database."""
    # Only a node that makes a cluster pays for it.
    from agent.settings import claim

    lacking = claim.database_faults(settings, _categories(faults))
    faults += lacking
    return settings._replace(cluster=Cluster()) if lacking else settings


def _unread(
    given: dict[str, Given], faults: list[Fault], unreadable: Iterable[Fault]
) -> dict[str, set[str]]:
    """The fields by category; what else is given for one, by an alias, may not be what is meant."""
    bad: dict[str, set[str]] = {}
    for fault in unreadable:
        _ = given.pop(fault.setting, None)
        faults.append(fault)
        category, _, name = fault.setting.partition(".")
        bad.setdefault(category, set()).add(name)
    return bad


def _allowed(
    answers: Iterable[Given], faults: list[Fault], face: Face, *, is_member: bool
) -> list[Given]:
    taken: list[Given] = []
    for given in answers:
        if given.row.may_set(face, is_member=is_member):
            taken.append(given)
        else:
            from agent.settings import setters

            faults.append(setters.fault(given.row, face, is_member=is_member))
    return taken


def _parse(
    answers: Iterable[Given], bad: dict[str, set[str]], faults: list[Fault], notices: list[str]
) -> dict[str, dict[str, Any]]:
    """The values by category and field; `bad` gets the fields that have none because of a fault."""
    values: dict[str, dict[str, Any]] = {}
    for given in answers:
        category, name = given.row.category, given.row.name
        try:
            values.setdefault(category, {})[name] = value = _value(given)
            notices += _repeated(given, value)
        except ValueError as error:
            faults.append(_fault(given, str(error)))
            bad.setdefault(category, set()).add(name)
    return values


def _value(given: Given) -> Any:
    if len(given.text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters")
    value = given.row.kind.parse(given.text)
    return Secret(value) if given.row.is_secret else value


def _repeated(given: Given, value: Any) -> list[str]:
    """One asked twice is one that is waited for twice; so each is taken once, and that is said."""
    if not (given.row.kind.is_list and isinstance(value, tuple)):
        return []
    items = items_of(given.text)
    if len(items) == len(value):  # pyright: ignore[reportUnknownArgumentType] - a tuple of anything
        return []
    read = [given.row.kind.parse(item) for item in items]
    twice = dict.fromkeys(item for at, item in enumerate(items) if read[at] in read[:at])
    return [f"{given.row.key}: {', '.join(twice)} is there more than once, and taken once"]


def _fault(given: Given, problem: str) -> Fault:
    row = given.row
    if is_private_key(given.text) and not row.kind.multiline:
        problem = "holds a private key, which is nowhere else than in the setting for it"
    alias = f" (given as {given.name})" if given.name != row.key else ""
    return Fault(row.key, f"{_shown(given)}{alias} {problem}; accepted is {row.kind.accepts}")


def _shown(given: Given) -> str:
    text = given.text.strip()
    if given.row.kind.has_credentials:
        text = concealed(text)
    if given.row.is_secret or given.row.kind.multiline or is_private_key(text):
        return "the value given"
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def _check(category: str, section: Any, bad: Set[str]) -> Checked[Any]:
    check = _CHECKS.get(category)
    return check(section, bad) if check else Checked(section)


def _categories(faults: Iterable[Fault]) -> frozenset[str]:
    """Those that a fault costs more than its own field."""
    return frozenset(
        fault.setting.partition(".")[0] for fault in faults if fault.setting not in ALONE
    )


def _in_order(faults: Iterable[Fault], declaration: Declaration) -> tuple[Fault, ...]:
    """In the order of the form, each with what to do."""
    order = {row.key: place for place, row in enumerate(declaration.rows)}
    found = sorted(faults, key=lambda fault: order.get(fault.setting, len(order)))
    return tuple(
        fault if fault.hint else fault._replace(hint=_hint(declaration.find(fault.setting)))
        for fault in found
    )


def _hint(row: Row | None) -> str:
    if row is None:
        return "bandstand settings explain lists the settings."
    return f"Left blank it means: {row.default_text.replace('`', '')}." if row.default_text else ""
