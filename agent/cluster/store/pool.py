"""A few connections to one database, each lent for one transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agent.cluster.store.connect import connect, explain
from agent.cluster.store.target import Papers, Target
from agent.errors import BandstandError, NotReachable
from agent.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

MOST_CONNECTIONS = 4
_WAIT_S = 20


class Pool:
    """Safe among threads; a connection that broke is left, and the next one is new."""

    def __init__(self, target: Target, papers: Papers | None = None) -> None:
        self.target = target
        self._papers = papers or Papers()
        self._idle: list[psycopg.Connection] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """Committed at the end of the block, taken back by whatever is raised inside."""
        import psycopg

        if not self._places.acquire(timeout=_WAIT_S):
            raise NotReachable(
                "all connections to the database are busy", code="database-unreachable"
            )
        try:
            connection = self._take()
            try:
                with connection.transaction():
                    yield connection
            except psycopg.Error as error:
                raise self._explain(connection, error) from error
            finally:
                self._give_back(connection)
        finally:
            self._places.release()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> psycopg.Connection:
        import psycopg

        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return connect(self.target, self._papers)
            try:
                _ = connection.execute("SELECT 1")
                connection.rollback()
            except psycopg.Error:
                connection.close()
                continue
            return connection

    def _give_back(self, connection: psycopg.Connection) -> None:
        if connection.closed or connection.broken:
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)

    def _explain(self, connection: psycopg.Connection, error: psycopg.Error) -> BandstandError:
        """A lost connection, or a server that refused a statement: its code, not its text."""
        if connection.closed or connection.broken:
            return explain(self.target, str(error))
        said = error.diag.message_primary or type(error).__name__
        return BandstandError(
            f"the PostgreSQL server {self.target.where} refused a statement: {said}",
            hint="the log of bandstand-agent has the details",
            code="database-refused",
        )
