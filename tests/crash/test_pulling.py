"""The mailbox against the database: late mails, lost marks, other UIDs, a restored backup. Nothing is missed, nothing answered again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import need
from tests.crash.oracle import report
from tests.crash.rig import Rig, a_rig
from tests.support.house import House

pytestmark = pytest.mark.slow


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig that has done its first round, and marked it."""
    need(shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(), "Dovecot")
    with a_rig(tmp_path) as rig:
        rig.injector.round()
        rig.drain()
        rig.once()
        yield rig


def execute(house: House, sql: str) -> None:
    """Changes the database behind the back of a daemon that does not run."""
    with closing(sqlite3.connect(house.database.removeprefix("sqlite:///"))) as connection:
        connection.execute(sql)
        connection.commit()


def letters(rig: Rig) -> int:
    return len(rig.oracle.deliveries())


def judge(rig: Rig) -> None:
    assert not (found := rig.oracle.drained()), report(found)


def test_a_mail_below_the_cursor_is_found(rig: Rig) -> None:
    """The cursor stands above a mail that no search from it on would show (here: the row of one is not there yet)."""
    house = rig.house
    rig.injector.request(1)
    with house.dovecot.client(house.user) as client:
        highest = max(client.search())
    execute(house, f"UPDATE folder SET high_uid = {highest + 5}, reconciled_at = NULL WHERE folder = 'INBOX'")
    rig.drain()
    judge(rig)


def test_lost_marks_bring_nothing_back(rig: Rig) -> None:
    house, before = rig.house, letters(rig)
    with house.dovecot.client(house.user) as client:
        marked = client.search(["KEYWORD", "$Mailbot"])
        assert marked
        client.remove_flags(marked, ["$Mailbot"])
    execute(house, "UPDATE folder SET reconciled_at = NULL")
    rig.once()
    assert house.count("journal WHERE role = 'inbox'") == len(rig.ledger.entries)
    customers = house.count("outbox WHERE audience = 'customer' AND kind <> 'question_reminder'")
    assert customers == house.count("outbox WHERE audience = 'customer' AND kind <> 'question_reminder' AND state = 'sent'")
    assert letters(rig) - before <= house.count("outbox WHERE kind LIKE '%reminder' OR kind = 'digest'")


def test_a_rebuilt_folder_brings_nothing_back_and_its_new_mail_is_seen(rig: Rig) -> None:
    """Another UIDVALIDITY: every mail comes again under another UID; by its content it is known."""
    house = rig.house
    tickets = house.count("ticket")
    answers = house.count("outbox WHERE audience = 'customer'")
    house.dovecot.stop()
    house.dovecot.change_uidvalidity(house.user)
    house.dovecot.start()
    rig.injector.request(7)
    rig.once()
    rig.once()
    assert house.count("ticket") == tickets + 1
    assert house.count("outbox WHERE audience = 'customer' AND kind <> 'question_reminder'") == answers + 1
    assert house.count("journal WHERE state = 'new'") == 0
    assert house.count("journal WHERE consequence = 'ignored' AND reason LIKE '%duplicate%'") >= tickets


def test_after_a_restored_backup_the_lost_day_comes_back(rig: Rig) -> None:
    """Mails of the time since are marked on the server and unknown to the database: they are fetched again."""
    house = rig.house
    file = Path(house.database.removeprefix("sqlite:///"))
    shutil.copy(file, file.with_name("backup"))
    rig.injector.round()
    rig.drain()
    rig.once()
    for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        path.unlink(missing_ok=True)
    shutil.copy(file.with_name("backup"), file)
    execute(house, "UPDATE folder SET reconciled_at = NULL")
    rig.once()
    rig.once()
    assert rig.oracle.is_quiet()
    stored = house.count("journal WHERE role = 'inbox' AND state = 'done'")
    assert stored == len(rig.ledger.entries)
