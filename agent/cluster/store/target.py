"""Which PostgreSQL server and database: the settings `database.*` of one cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.settings.secret import Secret
from agent.typed import NamedTuple


class TlsMode(StrEnum):
    """How the connection is protected; unset: verify-full where a CA is given, else require."""

    VERIFY_FULL = "verify-full"
    REQUIRE = "require"
    OFF = "off"


class Papers(NamedTuple):
    """The files that libpq reads for TLS, since it takes texts of none of them."""

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Target:
    """A database, and the role that owns it."""

    host: str
    name: str
    user: str
    password: Secret
    port: int = 5432
    tls: TlsMode | None = None
    ca: str = ""
    certificate: str = ""
    key: Secret = Secret("")

    @property
    def where(self) -> str:
        """The server as a person names it."""
        return f"{self.host}:{self.port}"

    @property
    def mode(self) -> TlsMode:
        return self.tls or (TlsMode.VERIFY_FULL if self.ca else TlsMode.REQUIRE)

    def to_texts(self) -> dict[str, str]:
        """The settings as text, its secrets in clear: for sealing and for sockets only."""
        return {
            "database.host": self.host,
            "database.port": str(self.port),
            "database.name": self.name,
            "database.user": self.user,
            "database.password": self.password.reveal(),
            **({"database.tls": self.tls} if self.tls else {}),
            **({"database.ca": self.ca} if self.ca else {}),
            **({"database.certificate": self.certificate} if self.certificate else {}),
            **({"database.key": self.key.reveal()} if self.key else {}),
        }


def target_of(texts: Mapping[str, str]) -> Target:
    """From settings in their normal form; KeyError or ValueError for what is none."""
    return Target(
        host=texts["database.host"],
        name=texts["database.name"],
        user=texts["database.user"],
        password=Secret(texts.get("database.password", "")),
        port=int(texts.get("database.port", "5432")),
        tls=TlsMode(texts["database.tls"]) if texts.get("database.tls") else None,
        ca=texts.get("database.ca", ""),
        certificate=texts.get("database.certificate", ""),
        key=Secret(texts.get("database.key", "")),
    )
