"""A real PostgreSQL of its own: made in a folder, on one address, gone when the test is."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_USERS = ("postgres", "nobody")


@dataclass(frozen=True)
class Postgres:
    """A server that runs as an unprivileged user; people get in over TCP with a password.

    `prefix` stands before each command, such as `ip netns exec NAME`.
    """

    folder: Path
    address: str
    port: int
    prefix: tuple[str, ...] = ()

    def start(self) -> None:
        self._program(
            "pg_ctl", "start", "--wait", f"--pgdata={self.folder}/data", f"--log={self.folder}/log"
        )

    def stop(self, *, mode: str = "fast") -> None:
        self._program("pg_ctl", "stop", "--wait", f"--mode={mode}", f"--pgdata={self.folder}/data")

    def sql(self, statement: str, *, database: str = "postgres") -> str:
        """Run statements as the superuser, over the socket in the folder."""
        return self._program(
            *("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
            *("--set=ON_ERROR_STOP=1", f"--host={self.folder}", f"--port={self.port}"),
            *("--username=postgres", f"--dbname={database}"),
            stdin=statement,
        )

    def create(self, name: str, *, user: str, password: str) -> None:
        """A database, and the role that owns it, who may do nothing else."""
        self.sql(f"CREATE ROLE \"{user}\" LOGIN PASSWORD '{password}'")
        self.sql(f'CREATE DATABASE "{name}" OWNER "{user}" TEMPLATE template0')

    def serve_tls(self, certificate_pem: str, key_pem: str) -> None:
        """Answer over TLS from the next start on."""
        for name, text in (("server.crt", certificate_pem), ("server.key", key_pem)):
            target = self.folder / "data" / name
            target.write_text(text)
            target.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(target, *_user())
        with (self.folder / "data" / "postgresql.conf").open("a") as stream:
            stream.write("ssl = on\n")

    def ask_for_certificates(self, ca_pem: str) -> None:
        """From the next start on, let in over TLS only who shows a certificate of this authority
        for the role's name, and then without a password.
        """
        data = self.folder / "data"
        (data / "clients.crt").write_text(ca_pem)
        if os.geteuid() == 0:
            shutil.chown(data / "clients.crt", *_user())
        with (data / "postgresql.conf").open("a") as stream:
            stream.write("ssl_ca_file = 'clients.crt'\n")
        rules = data / "pg_hba.conf"
        rules.write_text(f"hostssl all all all cert\n{rules.read_text()}")

    def _program(self, name: str, *arguments: str, stdin: str = "") -> str:
        return _run(self.prefix, (str(_programs() / name), *arguments), stdin)


@contextmanager
def postgres(
    *,
    address: str = "127.0.0.1",
    port: int | None = None,
    prefix: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
) -> Iterator[Postgres]:
    """A running server without a single database of ours; it and its folder end with the block."""
    # Not below pytest's folders: those of root are closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="bandstand-postgres-"))
    server = Postgres(folder, address, port or _free_port(address), tuple(prefix))
    try:
        _make(server, settings or {})
        server.start()
        try:
            yield server
        finally:
            server.stop(mode="immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(server: Postgres, settings: Mapping[str, str]) -> None:
    if os.geteuid() == 0:
        shutil.chown(server.folder, *_user())
    _run(
        (),
        (
            *(str(_programs() / "initdb"), f"--pgdata={server.folder}/data", "--username=postgres"),
            *("--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8"),
            *("--locale=C", "--no-sync"),
        ),
    )
    lines = {
        "listen_addresses": f"'{server.address}'",
        "port": str(server.port),
        "unix_socket_directories": f"'{server.folder}'",
        "fsync": "off",
        "full_page_writes": "off",
        "max_connections": "200",
        "shared_buffers": "'32MB'",
        "dynamic_shared_memory_type": "mmap",
        **settings,
    }
    with (server.folder / "data" / "postgresql.conf").open("a") as stream:
        stream.writelines(f"{name} = {value}\n" for name, value in lines.items())
    with (server.folder / "data" / "pg_hba.conf").open("a") as stream:
        stream.write("host all all 0.0.0.0/0 scram-sha-256\n")


def _run(prefix: Sequence[str], argv: Sequence[str], stdin: str = "") -> str:
    done = subprocess.run(
        (*prefix, *_as_user(), *argv),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
    )
    if done.returncode:
        raise RuntimeError(f"{Path(argv[0]).name} failed: {done.stderr}{done.stdout}")
    return done.stdout.strip()


def _as_user() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    user, group = _user()
    return ("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups")


def _user() -> tuple[int, int]:
    for name in _USERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise RuntimeError("there is no unprivileged user to run PostgreSQL as")


def _programs() -> Path:
    """Where Debian keeps the newest server's programs."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if not found:
        raise RuntimeError("PostgreSQL is not installed: the package postgresql has it")
    return found[-1].parent


def _free_port(address: str) -> int:
    """One that was free a moment ago; an address of another namespace cannot be tried here."""
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return 5432
        return int(probe.getsockname()[1])
