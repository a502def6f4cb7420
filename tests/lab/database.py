"""The operator's PostgreSQL, on the lab's own address, answering over TLS."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from dataclasses import dataclass

from tests.lab.call import call
from tests.lab.network import Network
from tests.lab.postgres import Postgres, postgres
from tests.lab.site import Site

HOST = "database.lab"
NAME = "bandstand"


@dataclass(frozen=True)
class Database:
    """One server with one database and its owner, as an operator makes them for a cluster."""

    server: Postgres
    host: str
    name: str
    user: str
    password: str


def start(site: Site, network: Network) -> Database:
    """Running until the site closes."""
    stack = contextlib.ExitStack()
    site.later(stack.close)
    # Its folder is the run's, so that it is swept when the run was killed.
    tempfile.tempdir = str(site.folder)
    try:
        server = stack.enter_context(
            postgres(address=network.gateway, port=5432, prefix=network.inside())
        )
    finally:
        tempfile.tempdir = None
    certificate, key = _pair(site)
    server.serve_tls(certificate, key)
    server.stop()
    server.start()
    database = Database(server, HOST, NAME, NAME, secrets.token_urlsafe(16))
    server.create(database.name, user=database.user, password=database.password)
    return database


def _pair(site: Site) -> tuple[str, str]:
    key, certificate = site.folder / "database.key", site.folder / "database.pem"
    call(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
        *("-keyout", str(key), "-out", str(certificate)),
    )
    return certificate.read_text(), key.read_text()
