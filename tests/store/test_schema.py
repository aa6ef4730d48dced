"""The migrations make the schema that the code believes in, once, under any number of starters."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from mailbot.errors import Permanent
from mailbot.store.engine import Database
from mailbot.store.migrate import current_revision, newest_revision, upgrade
from mailbot.store.schema import metadata


def test_migrations_make_the_schema(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrade_may_be_repeated(database: Database) -> None:
    before = current_revision(database)
    upgrade(database)
    assert current_revision(database) == before is not None


def test_the_newest_schema_is_the_one_that_alembic_leads_to(database: Database) -> None:
    with database.read() as connection:
        assert newest_revision() == MigrationContext.configure(connection).get_current_revision()


def test_two_starters_migrate_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(3)]
    failed: list[BaseException] = []

    def start(database: Database) -> None:
        try:
            upgrade(database)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=start, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    revisions = {current_revision(database) for database in databases}
    for database in databases:
        database.close()
    assert failed == []
    assert len(revisions) == 1


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Permanent, match="newer"):
        upgrade(database)


def test_sqlite_is_safe_against_power_cuts(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("pragmas are SQLite's")
    with database.write() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_no_update_is_lost(database: Database) -> None:
    """F58: with SQLAlchemy's default transactions on SQLite this ends at about a quarter."""
    with database.write() as connection:
        connection.execute(text("INSERT INTO ticket_counter (year, last) VALUES (1999, 0)"))

    def count() -> None:
        for _ in range(25):
            with database.write() as connection:
                last = connection.execute(text("SELECT last FROM ticket_counter WHERE year = 1999" + lock)).scalar_one()
                connection.execute(text("UPDATE ticket_counter SET last = :last WHERE year = 1999"), {"last": last + 1})

    lock = "" if database.is_sqlite else " FOR UPDATE"
    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.execute(text("SELECT last FROM ticket_counter WHERE year = 1999")).scalar_one() == 100
