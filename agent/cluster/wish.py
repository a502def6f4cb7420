"""What the operator gives for a new cluster, judged by the one validator.

With `cluster.init` it comes from properties, and nobody is there to see a phrase: then it needs
an administrator and a recovery key.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.cluster.draft import Administrator, Wish
from agent.cluster.store.target import Target, TlsMode
from agent.errors import Fault, InputRefused
from agent.settings.accept import accept
from agent.settings.cluster import Cluster
from agent.settings.database import Database
from agent.settings.declare import Face
from agent.settings.secret import Secret
from agent.values import cluster_key, recovery_key

_DEFAULT_NAME = "cluster"
_CATEGORIES = ("database.", "cluster.", "tls.")


def wish_of(texts: Mapping[str, str]) -> Wish:
    """Raises InputRefused with all faults: what is wrong, and what is missing."""
    asked = {key: text for key, text in texts.items() if key.startswith(_CATEGORIES)}
    accepted = accept(asked, strict=True, face=Face.COMMAND)
    cluster, database, tls = (
        accepted.settings.cluster,
        accepted.settings.database,
        accepted.settings.tls,
    )
    faults = [*accepted.faults, *_half_an_administrator(cluster)]
    if not any(fault.setting.startswith("database.") for fault in faults):
        faults += _missing(database)
    if faults:
        raise InputRefused(tuple(faults))
    return Wish(
        target=_target(database),
        name=cluster.name or _DEFAULT_NAME,
        hostname=cluster.hostname or "",
        certificate=tls.certificate or "",
        key_pem=tls.key.reveal() if tls.key else "",
        administrator=_administrator(cluster),
        recovery_key=recovery_key.public_bytes(cluster.recovery_public_key or ""),
        cluster_key=cluster_key.parse(cluster.key.reveal()) if cluster.key else b"",
    )


def _administrator(cluster: Cluster) -> Administrator | None:
    if cluster.admin_user is None or cluster.admin_password is None:
        return None
    return Administrator(cluster.admin_user, cluster.admin_password)


def _half_an_administrator(cluster: Cluster) -> list[Fault]:
    if (cluster.admin_user is None) is (cluster.admin_password is None):
        return []
    missing, other = ("user", "password") if cluster.admin_user is None else ("password", "user")
    message = f"is blank, but cluster.admin_{other} is given; accepted are both or neither"
    return [Fault(f"cluster.admin_{missing}", message, code="missing")]


def _missing(database: Database) -> list[Fault]:
    needed = {
        "database.host": database.host,
        "database.name": database.name,
        "database.user": database.user,
    }
    return [
        Fault(key, "is not given, and a cluster needs its own PostgreSQL database")
        for key, value in needed.items()
        if not value
    ]


def _target(database: Database) -> Target:
    return Target(
        host=database.host or "",
        port=database.port,
        name=database.name or "",
        user=database.user or "",
        password=database.password or Secret(""),
        tls=TlsMode(database.tls) if database.tls else None,
        ca=database.ca or "",
        certificate=database.certificate or "",
        key=database.key or Secret(""),
    )
