"""INSERT that leaves an existing row alone: the repeat of a step is the normal case, not an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, literal


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert unless a UNIQUE key says that it is there; True when it was new."""
    statement = _insert(connection, table).values(dict(values)).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(statement).first() is not None


def insert_all_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of the rows that are not there already, in one statement."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), [dict(row) for row in rows])


def put(connection: Connection, table: Table, key: str, values: Mapping[str, Any]) -> None:
    """Insert the row, or update it where `key` is there already."""
    statement = _insert(connection, table).values(dict(values))
    others = {name: value for name, value in values.items() if name != key}
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=others))


def _insert(connection: Connection, table: Table) -> Any:
    """The dialect's own INSERT; only the dialect in use is loaded, for the sake of short commands."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite as dialect
    else:
        from sqlalchemy.dialects import postgresql as dialect  # type: ignore[no-redef]
    return dialect.insert(table)
