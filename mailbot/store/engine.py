"""The database: one door for writing, one for reading, on SQLite or PostgreSQL by the same statements."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from mailbot.errors import DatabaseAway, Permanent

__all__ = ["Connection", "Database"]

_BUSY_MS = 10_000


class Database:
    """Transactions on one database.

    `write()` takes the write lock at once: BEGIN IMMEDIATE on SQLite, whose deferred transactions lose updates or fail
    with SQLITE_BUSY_SNAPSHOT. In one process writers queue on a fair lock, because SQLite's busy handler is unfair.
    Both doors turn the driver's failures into `DatabaseAway` (locked, full, connection lost) or let them pass as bugs.
    """

    def __init__(self, url: str) -> None:
        self.url = _driver_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock = threading.Lock()
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self._writer = _engine(self.url, immediate=True)
        self._reader = _engine(self.url, immediate=False) if self.is_sqlite else self._writer

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writer

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: commits at the end of the block, rolls back on any exception."""
        if self.is_sqlite:
            with self._lock, _translated(), self._writer.begin() as connection:
                yield connection
        else:
            with _translated(), self._writer.begin() as connection:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction: one snapshot, never blocks a writer."""
        with _translated(), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self._writer.dispose()
        self._reader.dispose()


def _driver_url(text: str) -> URL:
    url = make_url(text)
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def _engine(url: URL, *, immediate: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate if immediate else _begin_deferred)
        return engine
    options = "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000 -c lock_timeout=20000"
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_size=8,
        connect_args={"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 30_000, "options": options},
    )


def _prepare_sqlite(connection: object, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # we say BEGIN ourselves, see the class
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        text = str(error.orig)
        if "not a database" in text or "malformed" in text:
            raise Permanent(f"the database is damaged: {text}; restore a backup (docs/operating.md)") from error
        if isinstance(error, OperationalError) or error.connection_invalidated or isinstance(error.orig, ReadOnlySqlTransaction):
            raise DatabaseAway(f"database: {text}") from error
        raise
