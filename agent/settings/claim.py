"""What must be given together to make a cluster or to join one by properties."""

from __future__ import annotations

from collections.abc import Iterator, Set

from agent.errors import Fault
from agent.settings import kinds
from agent.settings.checks import Checked
from agent.settings.cluster import Cluster
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.settings.declaration import Settings

_FOR_INIT = {
    "admin_user": kinds.ADMINISTRATOR.accepts,
    "admin_password": kinds.ADMINISTRATOR_PASSWORD.accepts,
    "recovery_public_key": kinds.RECOVERY_KEY.accepts,
}
_OF_DATABASE = ("host", "name", "user")
_INIT_HINT = "Leave cluster.init blank to make the cluster later, by bandstand cluster init."
_JOIN_HINT = "A member makes a cluster key by bandstand cluster key create."


def check(cluster: Cluster, bad: Set[str]) -> Checked[Cluster]:
    """`bad` are the fields whose text could not be read: nothing more is said about those."""
    if cluster.init:
        return _check_init(cluster, bad)
    if "init" in bad:
        return Checked(cluster)
    unused = _unused(cluster, tuple(_FOR_INIT), "cluster.init is off")
    return Checked(cluster, tuple(_join_faults(cluster, bad)), unused)


def _check_init(cluster: Cluster, bad: Set[str]) -> Checked[Cluster]:
    faults = [
        Fault(
            f"cluster.{name}",
            f"is blank, and cluster.init needs it; accepted is {accepts}",
            _INIT_HINT,
            "missing",
        )
        for name, accepts in _FOR_INIT.items()
        if getattr(cluster, name) is None and name not in bad
    ]
    if cluster.join is not None:
        message = "is given, but cluster.init makes a new cluster; accepted is one of the two"
        faults.append(Fault("cluster.join", message))
    why = "cluster.init makes this node the first of its cluster"
    return Checked(cluster, tuple(faults), _unused(cluster, ("seeds",), why))


def _join_faults(cluster: Cluster, bad: Set[str]) -> Iterator[Fault]:
    has_seeds, has_key = bool(cluster.seeds) or "seeds" in bad, cluster.key or "key" in bad
    if cluster.join is not None and (has_seeds or has_key):
        other = "cluster.seeds" if has_seeds else "cluster.key"
        message = f"is given beside {other}; accepted is a join string, or seeds with a key"
        yield Fault("cluster.join", message)
    elif has_seeds and not has_key:
        message = "is blank, but cluster.seeds are given; accepted is"
        yield Fault(
            "cluster.key", f"{message} {kinds.CLUSTER_KEY.accepts}", _JOIN_HINT, code="missing"
        )
    elif has_key and not has_seeds:
        message = "is blank, but cluster.key is given; accepted is"
        yield Fault("cluster.seeds", f"{message} {kinds.SEEDS.accepts}", code="missing")


def _unused(cluster: Cluster, names: tuple[str, ...], why: str) -> tuple[str, ...]:
    """That they were given is worth saying; none of them is stored."""
    default = Cluster()
    given = [name for name in names if getattr(cluster, name) != getattr(default, name)]
    said = ", ".join(f"cluster.{name}" for name in given)
    return (f"{said}: not used, since {why}",) if given else ()


def database_faults(settings: Settings, refused: Set[str]) -> tuple[Fault, ...]:
    """What a new cluster lacks of its database; `refused` are the categories with a fault."""
    missing = [name for name in _OF_DATABASE if getattr(settings.database, name) is None]
    if "database" in refused:
        message = "'True' needs the settings of class database, which are refused"
    elif missing:
        named = ", ".join(f"database.{name}" for name in missing)
        message = f"'True' needs the database, and {named} are blank"
        message = message if len(missing) > 1 else message.replace(" are ", " is ")
    else:
        return ()
    accepted = "accepted is True with a PostgreSQL database, or False"
    return (Fault("cluster.init", f"{message}; {accepted}", _INIT_HINT, "missing"),)
