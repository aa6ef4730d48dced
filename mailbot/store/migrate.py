"""Brings the schema to this version: in one transaction, or not at all (F11)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect

from mailbot.errors import Permanent
from mailbot.store.engine import Database

_SCRIPTS = Path(__file__).parent / "migrations"
_TABLE = "alembic_version"  # Alembic's own: one row


def upgrade(database: Database) -> None:
    """Migrate to the newest schema. A database of a newer mailbot is refused with a word on what to do.

    Two processes may call it at once: the write lock (SQLite) or an advisory lock (PostgreSQL) lets one go first. Where nothing is to
    be done neither is taken, and Alembic is not even loaded.
    """
    if current_revision(database) == newest_revision():
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    with database.write() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7308895)")
        current = _revision(connection)
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


def newest_revision() -> str:
    """The schema of this version: the number that its last script's file begins with."""
    return max(file.name.partition("_")[0] for file in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))


def current_revision(database: Database) -> str | None:
    """The schema that the database has; None for an empty one."""
    with database.read() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    known: str | None = None
    if inspect(connection).has_table(_TABLE):
        known = connection.exec_driver_sql(f"SELECT version_num FROM {_TABLE}").scalar()  # noqa: S608  # a constant
    return known
