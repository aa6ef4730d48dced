"""The one row about this installation: its loop mark, its signing key's fingerprint, and from when on mail is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from mailbot.errors import ConfigError
from mailbot.store.insert import insert_new, put
from mailbot.store.schema import installation, setting

HISTORY_BEFORE_FIRST_START = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Installation:
    """What stays the same as long as this database lives."""

    mark: str
    first_start: datetime
    answer_since: datetime


def settle(connection: Connection, *, mark: str, fingerprint: str, now: datetime, answer_since: datetime | None) -> Installation:
    """The installation of this database, created at the first start; a signing key of another fingerprint is refused.

    `answer_since` of the config beats the one of the first start, so that it can be changed later.
    """
    insert_new(
        connection,
        installation,
        {
            "id": 1,
            "mark": mark,
            "key_fingerprint": fingerprint,
            "first_start": now,
            "answer_since": answer_since or now - HISTORY_BEFORE_FIRST_START,
        },
    )
    row = connection.execute(select(installation)).one()
    if row.key_fingerprint != fingerprint:
        raise ConfigError(
            [
                "security.signing_key_file: this is not the key that the database was used with, so that answers to mails sent so far "
                "would not be recognised; put the former key back (the file, or the credential signing-key)"
            ]
        )
    if answer_since is not None and row.answer_since != answer_since:
        connection.execute(update(installation).values(answer_since=answer_since))
    return Installation(row.mark, row.first_start, answer_since or row.answer_since)


def read_setting(connection: Connection, name: str) -> str | None:
    """A value that the daemon keeps for itself, e.g. the day of the last digest."""
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()


def write_setting(connection: Connection, name: str, value: str, now: datetime) -> None:
    """Keep a value; an empty one means off."""
    put(connection, setting, "name", {"name": name, "value": value, "at": now})


def stored_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the signing key that this database is used with; None before the first start."""
    return connection.execute(select(installation.c.key_fingerprint)).scalar()
