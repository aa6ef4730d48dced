"""Tickets: numbers without repeats, versions that guard, timers that are done for good."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.errors import StaleTicket
from mailbot.model.deadline import Timer
from mailbot.model.ticket import Status, Ticket
from mailbot.store import tickets
from mailbot.store.engine import Database
from tests.build import a_ticket

NOW = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)


def stored(database: Database, **changes: object) -> Ticket:
    with database.write() as connection:
        taken = tickets.take_number(connection, "OXI", 2026, None)
        ticket = a_ticket(id=taken.id, number=taken.number, **changes)
        tickets.save(connection, ticket, due_at=None, keep_due=False, now=NOW)
        return tickets.load(connection, [taken.id])[0]


def test_a_ticket_comes_back_as_it_was(database: Database) -> None:
    ticket = stored(database)
    assert ticket == replace(a_ticket(id=ticket.id, number="OXI-2026-000001"), version=1)


def test_numbers_count_up_within_the_year(database: Database) -> None:
    with database.write() as connection:
        numbers = [tickets.take_number(connection, "OXI", year, None).number for year in (2026, 2026, 2027, 2026)]
    assert numbers == ["OXI-2026-000001", "OXI-2026-000002", "OXI-2027-000001", "OXI-2026-000003"]


def test_a_mail_keeps_its_number(database: Database) -> None:
    with database.write() as connection:
        assert tickets.take_number(connection, "OXI", 2026, 17) == tickets.take_number(connection, "OXI", 2026, 17)


def test_no_two_threads_get_one_number(database: Database) -> None:
    taken: list[str] = []

    def take() -> None:
        for _ in range(10):
            with database.write() as connection:
                taken.append(tickets.take_number(connection, "OXI", 2026, None).number)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"OXI-2026-{n:06d}" for n in range(1, 41)]


def test_a_stale_ticket_is_refused(database: Database) -> None:
    ticket = stored(database)
    with database.write() as connection:
        tickets.save(connection, replace(ticket, assignee="jan@oxiprint.com"), due_at=None, keep_due=True, now=NOW)
    with pytest.raises(StaleTicket), database.write() as connection:
        tickets.save(connection, replace(ticket, assignee="ewa@oxiprint.com"), due_at=None, keep_due=True, now=NOW)
    with database.read() as connection:
        assert tickets.load(connection, [ticket.id])[0].assignee == "jan@oxiprint.com"


@pytest.mark.parametrize("words", ["OXI-2026-000001", "oxi-2026-000001", "1", "000001", "2026-000001"])
def test_a_ticket_is_found_by_its_number(database: Database, words: str) -> None:
    ticket = stored(database)
    with database.read() as connection:
        assert tickets.by_number(connection, words) == ticket


def test_a_number_that_fits_two_tickets_finds_none(database: Database) -> None:
    stored(database)
    with database.write() as connection:
        taken = tickets.take_number(connection, "OXI", 2027, None)
        tickets.save(connection, a_ticket(id=taken.id, number=taken.number), due_at=None, keep_due=False, now=NOW)
    with database.read() as connection:
        assert tickets.by_number(connection, "1") is None


def test_a_done_timer_stays_done(database: Database) -> None:
    ticket = stored(database)
    timers = (Timer("sla:50", NOW), Timer("sla:75", NOW + timedelta(hours=1)))
    with database.write() as connection:
        tickets.set_timers(connection, ticket.id, 1, timers)
        tickets.finish_timers(connection, ticket.id, 1, ["sla:50"], NOW)
        tickets.set_timers(connection, ticket.id, 1, timers)  # a pause ended: the same cycle, perhaps other instants
    with database.read() as connection:
        assert tickets.due_timers(connection, NOW + timedelta(days=1), limit=9) == [(ticket.id, (timers[1],))]
    with database.write() as connection:
        tickets.set_timers(connection, ticket.id, 2, timers)  # a new cycle reminds anew
    with database.read() as connection:
        assert tickets.due_timers(connection, NOW, limit=9) == [(ticket.id, (timers[0],))]


def test_lists_show_what_is_due_first(database: Database) -> None:
    late, none = stored(database), stored(database)
    early = stored(database)
    closed = stored(database, status=Status.CLOSED, closed_at=NOW)
    with database.write() as connection:
        tickets.save(connection, late, due_at=NOW + timedelta(hours=5), keep_due=False, now=NOW)
        tickets.save(connection, early, due_at=NOW, keep_due=False, now=NOW)
    with database.read() as connection:
        assert [ticket.id for ticket, _ in tickets.listed(connection, statuses=None)] == [early.id, late.id, none.id]
        assert [ticket.id for ticket, _ in tickets.listed(connection, statuses=[Status.CLOSED])] == [closed.id]


def test_a_customer_is_reminded_of_a_question_once_whatever_the_cycle(database: Database) -> None:
    ticket = stored(database)
    timers = (Timer("customer:remind:1", NOW), Timer("customer:remind:2", NOW + timedelta(hours=1)))
    with database.write() as connection:
        tickets.set_timers(connection, ticket.id, 1, timers)
        tickets.finish_timers(connection, ticket.id, 1, ["customer:remind:1"], NOW)
        tickets.set_timers(connection, ticket.id, 2, timers)  # the impact changed, the question stands
    with database.read() as connection:
        assert tickets.due_timers(connection, NOW + timedelta(days=1), limit=9) == [(ticket.id, (timers[1],))]
