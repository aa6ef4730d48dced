"""Brings the schema to this version: in one transaction, or not at all (F11)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from mailbot.errors import Permanent
from mailbot.store.engine import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def upgrade(database: Database) -> None:
    """Migrate to the newest schema. A database of a newer mailbot is refused with a word on what to do.

    Two processes may call it at once: the write lock (SQLite) or an advisory lock (PostgreSQL) lets one go first.
    """
    config = _config()
    with database.write() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7308895)")
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None:
            try:
                ScriptDirectory.from_config(config).get_revision(current)
            except CommandError as error:
                raise Permanent(
                    f"the database has schema {current}, which this version of mailbot does not know: "
                    "it was used by a newer one. Install that version, or restore the backup made before the upgrade."
                ) from error
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current_revision(database: Database) -> str | None:
    """The schema that the database has; None for an empty one."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()
