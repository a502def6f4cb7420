"""What the operator gives for a new cluster, judged by the one validator."""

from __future__ import annotations

from collections.abc import Mapping

from agent.cluster.draft import Wish
from agent.cluster.store.target import Target, TlsMode
from agent.errors import Fault, InputRefused
from agent.settings.accept import accept
from agent.settings.database import Database
from agent.settings.declare import Face
from agent.settings.secret import Secret

_DEFAULT_NAME = "cluster"
_CATEGORIES = ("database.", "cluster.name", "cluster.hostname", "tls.")


def wish_of(texts: Mapping[str, str]) -> Wish:
    """Raises InputRefused with all faults: what is wrong, and what is missing."""
    asked = {key: text for key, text in texts.items() if key.startswith(_CATEGORIES)}
    accepted = accept(asked, strict=True, face=Face.COMMAND)
    database, tls = accepted.settings.database, accepted.settings.tls
    faults = list(accepted.faults)
    if not any(fault.setting.startswith("database.") for fault in faults):
        faults += _missing(database)
    if faults:
        raise InputRefused(tuple(faults))
    return Wish(
        target=_target(database),
        name=accepted.settings.cluster.name or _DEFAULT_NAME,
        hostname=accepted.settings.cluster.hostname or "",
        certificate=tls.certificate or "",
        key_pem=tls.key.reveal() if tls.key else "",
    )


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
