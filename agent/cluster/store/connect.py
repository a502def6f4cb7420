"""One connection to PostgreSQL, as careful as a cluster needs it; what failed, as a sentence."""

from __future__ import annotations

import re

from agent.cluster.store.target import Papers, Target, TlsMode
from agent.errors import BandstandError, NotReachable, RefusedByPeer
from agent.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

# A server that went dark is noticed after some 11 s (measured), instead of never.
_KEEPALIVES: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 9000,
}
# Set after connecting: poolers refuse start-up options.
_SESSION = """
SET statement_timeout = '10s'; SET lock_timeout = '8s';
SET idle_in_transaction_session_timeout = '15s'; SET timezone = 'UTC';
SET search_path = bandstand, pg_temp
"""


def connect(target: Target, papers: Papers) -> psycopg.Connection:
    """Raises NotReachable, or RefusedByPeer for a server that answers and refuses."""
    import psycopg

    try:
        connection = psycopg.connect(
            host=target.host,
            port=target.port,
            dbname=target.name,
            user=target.user,
            password=target.password.reveal() or None,
            connect_timeout=5,
            target_session_attrs="read-write",
            application_name="bandstand",
            gssencmode="disable",
            prepare_threshold=None,  # a pooler between may hand each transaction to another server
            **_KEEPALIVES,
            **_tls(target, papers),
        )
        _ = connection.execute(_SESSION)
        connection.commit()
    except psycopg.Error as error:
        # Without the cause: the message of libpq is repeated below as far as it may be shown.
        raise explain(target, str(error)) from None
    return connection


def _tls(target: Target, papers: Papers) -> dict[str, Any]:
    if target.mode is TlsMode.OFF:
        return {"sslmode": "disable"}
    shown = {"sslcert": papers.certificate, "sslkey": papers.key} if papers.certificate else {}
    if target.mode is TlsMode.REQUIRE:
        return {"sslmode": "require", **shown}
    return {"sslmode": "verify-full", "sslrootcert": papers.ca or "system", **shown}


# What libpq and the server say, what that means, and what to do. First match counts.
_MEANINGS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"password authentication failed|no password supplied|no PostgreSQL user name",
        "database-password",
        "the PostgreSQL server {where} refuses the password of user {user}",
        "database.user and database.password must be those of a role that may log in",
    ),
    (
        r'role "[^"]*" does not exist',
        "database-user",
        "the PostgreSQL server {where} has no role {user}",
        "make the role, or set database.user",
    ),
    (
        r'database "[^"]*" does not exist',
        "database-missing",
        "the PostgreSQL server {where} has no database {name}",
        "make it there: CREATE DATABASE {name} OWNER {user}",
    ),
    (
        r"no pg_hba.conf entry|pg_hba.conf rejects",
        "database-not-allowed",
        "the PostgreSQL server {where} does not let user {user} in from this address",
        "its pg_hba.conf needs a line for this node, database {name} and user {user}",
    ),
    (
        r"requires a valid client certificate|certificate required|alert (handshake|unknown ca)",
        "database-certificate",
        "the PostgreSQL server {where} takes no connection without a client certificate it knows",
        "database.certificate and database.key must be a pair that its ssl_ca_file signed",
    ),
    (
        r"certificate authentication failed",
        "database-certificate",
        "the PostgreSQL server {where} does not take the client certificate for user {user}",
        "the common name of database.certificate must be database.user, or be mapped to it there",
    ),
    (
        r"server does not support SSL",
        "database-tls",
        "the PostgreSQL server {where} does not offer TLS",
        "turn ssl on at the server, or set database.tls to off",
    ),
    (
        r"certificate verify failed|does not match host name|root certificate file",
        "database-tls",
        "the certificate of the PostgreSQL server {where} is not the one expected",
        "database.ca must be the CA that signed it, for the name given in database.host",
    ),
    (
        r"too many (clients|connections)|remaining connection slots",
        "database-full",
        "the PostgreSQL server {where} has no connection left",
        "raise max_connections there",
    ),
    (
        r"session is read-only|not read-write|read-only transaction|recovery mode",
        "database-read-only",
        "the PostgreSQL server {where} is a standby that takes no changes",
        "database.host must name the primary, or all servers of the set",
    ),
)
_UNREACHABLE = (
    (r"Temporary failure in name resolution", "no name server says what its address is"),
    (r"Name or service not known|could not translate host name|resolve", "its name is not known"),
    (r"Connection refused", "nothing listens there"),
    (r"timeout expired|timed out", "no answer came in time"),
    (r"No route to host|Network is unreachable", "no route leads there"),
    (r"starting up|shutting down|closed the connection unexpectedly", "it is not ready"),
)


def explain(target: Target, said: str) -> BandstandError:
    """The sentence for what libpq said; never its text as a whole, which may quote the settings."""
    facts = {"where": target.where, "user": target.user, "name": target.name}
    for pattern, code, words, hint in _MEANINGS:
        if re.search(pattern, said):
            return RefusedByPeer(words.format(**facts), hint=hint.format(**facts), code=code)
    for pattern, reason in _UNREACHABLE:
        if re.search(pattern, said):
            return _unreachable(facts["where"], reason)
    return _unreachable(facts["where"], "the connection failed")


def _unreachable(server: str, reason: str) -> NotReachable:
    return NotReachable(
        f"the PostgreSQL server {server} is not reachable: {reason}",
        hint="check database.host and database.port, the server, and the firewalls between",
        code="database-unreachable",
    )
