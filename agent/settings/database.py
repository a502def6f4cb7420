"""The PostgreSQL that the cluster shares: the settings of class `database`."""

from __future__ import annotations

from agent.settings import kinds
from agent.settings.declare import Scope, section, setting
from agent.settings.kinds import DatabaseTls
from agent.settings.secret import Secret
from agent.typed import NamedTuple


@section
class Database(NamedTuple):
    """Parts of a connection; all belong to the cluster once there is one."""

    host: str | None = setting(
        kinds.HOST,
        label="Database host",
        help="Name or address of the PostgreSQL server.",
        example="db.example.com",
        unset="asked in the wizard",
        scope=Scope.CLUSTER,
    )
    port: int = setting(
        kinds.PORT,
        label="Database port",
        help="Port of the PostgreSQL server.",
        example="5432",
        default=5432,
        unset="5432",
        scope=Scope.CLUSTER,
    )
    name: str | None = setting(
        kinds.IDENTIFIER,
        label="Database name",
        help="Name of the database, which is there and empty.",
        example="bandstand",
        unset="asked in the wizard",
        scope=Scope.CLUSTER,
    )
    user: str | None = setting(
        kinds.IDENTIFIER,
        label="Database user",
        help="Role that owns the schema.",
        example="bandstand",
        unset="asked in the wizard",
        scope=Scope.CLUSTER,
    )
    password: Secret | None = setting(
        kinds.CLEAR_PASSWORD,
        label="Database password",
        help="Password of that role.",
        unset="asked in the wizard",
        scope=Scope.CLUSTER,
        secret=True,
    )
    ca: str | None = setting(
        kinds.CERTIFICATES,
        label="Database CA",
        help="Certificates in PEM of the authority that the server's certificate is checked by.",
        unset="not checked",
        scope=Scope.CLUSTER,
    )
    certificate: str | None = setting(
        kinds.CERTIFICATES,
        label="Database client certificate",
        help="Certificate in PEM that this cluster shows to the server, with its chain.",
        unset="none is shown",
        scope=Scope.CLUSTER,
    )
    key: Secret | None = setting(
        kinds.PRIVATE_KEY,
        label="Database client key",
        help="Private key of the client certificate in PEM, without a passphrase.",
        unset="none",
        scope=Scope.CLUSTER,
        secret=True,
    )
    tls: DatabaseTls | None = setting(
        kinds.DATABASE_TLS,
        label="Database TLS",
        help="How far the connection is protected.",
        example="verify-full",
        unset="`verify-full` where a CA is given, else `require`",
        scope=Scope.CLUSTER,
    )

    @property
    def protection(self) -> DatabaseTls:
        """How far the connection is protected, said or by default."""
        if self.tls is not None:
            return self.tls
        return DatabaseTls.VERIFY_FULL if self.ca else DatabaseTls.REQUIRE
