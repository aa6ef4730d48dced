"""What time brings, on a real database: reminders once, merged after downtime, the digest, ends of letters told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.model.deadline import Cycle
from mailbot.model.facts import Impact, Item
from mailbot.model.plan import Plan, SaveTicket
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import sla
from mailbot.rules.planning import Planning
from mailbot.steps import staff, sweep
from mailbot.store import outbox, tickets
from tests.build import a_reading, a_ticket
from tests.crash.desk import MONDAY
from tests.rules.outcome import BOSS
from tests.steps.road import Road, body
from tests.system.letters import mail, request

EWA, JAN, TECH = "ewa@lis.example", "jan@oxiprint.com", "technik@oxiprint.com"
HOUR = timedelta(hours=1)
ASKS = f"Ewa Lis <{EWA}>"


def put(road: Road, *new: Ticket) -> None:
    """Tickets as they stand, with their timers."""
    with road.database.write() as connection:
        for ticket in new:
            taken = tickets.take_number(connection, "OXI", 2026, None)
            ticket = replace(ticket, id=taken.id, number=taken.number)  # noqa: PLW2901
            road.desk.carry_out(connection, Planning(ticket, road.service, road.clock.now(), "put").finish(), road.clock.now())


def open_ticket(impact: Impact = Impact.HIGH, *, started_at: datetime = MONDAY, **changes: object) -> Ticket:
    return a_ticket(cycle=Cycle(1, started_at, impact), facts=a_reading(impact=impact.value).facts, **changes)


def reminders(road: Road, recipient: str = TECH) -> list[str]:
    """Stages that were told to a recipient by a mail of their own, in order."""
    rows = road.rows(f"SELECT key FROM outbox WHERE kind = 'sla_reminder' AND recipient = '{recipient}' ORDER BY id")
    return [row["key"].split(":", 4)[4].rsplit(":", 1)[0] for row in rows]


# ---- reminders ----------------------------------------------------------------------------------------------------


def test_a_critical_ticket_left_alone_is_reminded_of_at_each_stage_once(road: Road) -> None:
    put(road, open_ticket(Impact.CRITICAL))
    road.until(MONDAY + timedelta(hours=2), timedelta(minutes=6))
    assert reminders(road) == ["sla:50", "sla:75", "sla:90", "sla:100"]
    assert reminders(road, BOSS) == ["sla:90", "sla:100"]
    sweep.one_pass(road.desk)
    sweep.one_pass(road.desk)
    assert len(reminders(road)) == 4
    road.until(MONDAY + timedelta(hours=4), timedelta(minutes=30))
    assert reminders(road)[4:] == ["sla:late:1", "sla:late:2"]


def test_a_daemon_that_slept_over_three_days_sends_one_mail_a_ticket_and_is_in_time_again(any_road: Road) -> None:
    road = any_road
    many = 50
    put(road, *(open_ticket(Impact.LOW if number % 2 else Impact.CRITICAL) for number in range(many)))
    road.clock.shown = MONDAY + timedelta(days=3, hours=2)  # Thursday 10:00; the low ones are at 64 % of five days
    road.run()
    per_ticket = Counter(
        row["ticket_id"] for row in road.rows(f"SELECT ticket_id FROM outbox WHERE kind = 'sla_reminder' AND recipient = '{TECH}'")
    )
    assert (len(per_ticket), set(per_ticket.values())) == (many, {1})
    late = next(letter for letter in road.letters(TECH) if "OXI-2026-000001" in str(letter["Subject"]))
    assert "poniedziałek 12 października" in body(late).replace("\u00a0", " ")
    road.until(MONDAY + timedelta(days=3, hours=8), timedelta(minutes=30))
    stages = Counter(reminders(road))
    assert stages["sla:75"] == many // 2  # 33.75 hours of the low ones: Thursday at 14:45


def test_nothing_outside_opening_hours_but_the_stage_of_the_closing_minute(road: Road) -> None:
    put(road, open_ticket(started_at=MONDAY + 6 * HOUR))  # 14:00: half of the six hours at 17:00
    put(road, open_ticket(started_at=MONDAY + 5.5 * HOUR))  # 13:30: half at 16:30
    road.clock.shown = MONDAY + 9 * HOUR + timedelta(minutes=4)
    road.run()
    told = [row["ticket_id"] for row in road.rows(f"SELECT ticket_id FROM outbox WHERE kind = 'sla_reminder' AND recipient = '{TECH}'")]
    assert told == [road.ticket(1).id]
    road.until(MONDAY + timedelta(hours=23, minutes=59), HOUR)
    assert len(reminders(road)) == 1
    road.until(MONDAY + timedelta(days=1))
    assert reminders(road) == ["sla:50", "sla:50"]


def test_an_earlier_stage_goes_with_the_one_of_the_closing_minute(road: Road) -> None:
    put(road, open_ticket(Impact.CRITICAL, started_at=MONDAY + 7.5 * HOUR))  # 15:30: 50 % at 16:30, 75 % at 17:00
    road.clock.shown = MONDAY + 9 * HOUR + timedelta(minutes=1)
    road.run()
    assert reminders(road) == ["sla:75"]
    road.until(MONDAY + timedelta(days=1), HOUR)
    assert "sla:50" not in reminders(road)


def test_a_started_ticket_is_reminded_of_no_more(road: Road) -> None:
    put(road, open_ticket(Impact.CRITICAL))
    road.until(MONDAY + HOUR)
    staff.carry_out(road.desk, "1", staff_command("start"), "root", "cause")
    road.until(MONDAY + timedelta(days=2), HOUR)
    assert reminders(road) == ["sla:50"]


def staff_command(verb: str, argument: str = ""):
    from mailbot.model.command import Command, Verb

    return Command(Verb(verb), argument)


def test_another_impact_tells_what_is_past_in_one_mail(road: Road) -> None:
    put(road, open_ticket(Impact.LOW))
    road.until(MONDAY + 3 * HOUR)
    assert reminders(road) == []
    staff.carry_out(road.desk, "1", staff_command("impact", "critical"), "root", "cause")
    road.run()
    assert reminders(road) == ["sla:late:1"]


def test_one_ticket_that_fails_stops_no_other(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    put(road, open_ticket(Impact.CRITICAL), open_ticket(Impact.CRITICAL))
    real = sweep.decide

    def decide(ticket: Ticket, *rest: object) -> Plan:
        if ticket.number.endswith("1"):
            raise ValueError("a bug that only this ticket meets")
        return real(ticket, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sweep, "decide", decide)
    road.clock.turn(HOUR)
    sweep.remind(road.desk)
    assert [row["ticket_id"] for row in road.rows(f"SELECT ticket_id FROM outbox WHERE recipient = '{TECH}'")] == [road.ticket(2).id]


# ---- the customer -------------------------------------------------------------------------------------------------


def test_a_question_without_an_answer_is_reminded_of_twice_then_closed_then_reopened(road: Road) -> None:
    first = mail(ASKS, "Awaria", "Dzień dobry,\nOXIJET 3200 nie drukuje magenty.\nWpływ na działalność: niski\n\nEwa Lis")
    road.say(first)
    assert road.ticket().asked == (Item.COMPANY,)
    road.until(MONDAY + timedelta(days=11), timedelta(hours=3))
    assert (road.kinds(EWA), road.ticket().status) == (["question", "question_reminder", "question_reminder"], Status.WAITING)
    road.until(MONDAY + timedelta(days=15), timedelta(hours=3))
    assert road.kinds(EWA) == ["question", "question_reminder", "question_reminder", "closing"]
    assert (road.ticket().status, road.ticket().closed_why) == (Status.CLOSED, "no answer to our question")
    assert all(letter["In-Reply-To"] for letter in road.letters(EWA))
    from email.policy import SMTP

    from tests.system.letters import reply

    road.say(reply(road.letters(EWA)[-1].as_bytes(policy=SMTP), ASKS, "Nazwa firmy: Drukarnia Lis"))
    assert (road.ticket().status, road.kinds(EWA)[-1], road.ticket().missing) == (Status.OPEN, "reopening", ())


def test_a_customer_is_not_reminded_while_a_mail_waits_to_be_read(road: Road) -> None:
    road.say(request(EWA, impact="niski", leave_out="Nazwa firmy"))
    road.clock.shown = MONDAY + timedelta(days=2)
    road.deliver(request("ktos@inny.example"))
    sweep.remind(road.desk)
    assert road.rows("SELECT id FROM outbox WHERE kind = 'question_reminder'") == []
    road.run()
    assert road.kinds(EWA) == ["question", "question_reminder"]


# ---- ends of our mails --------------------------------------------------------------------------------------------


def test_a_refused_question_pauses_nothing_and_staff_hear_once(any_road: Road) -> None:
    road = any_road
    road.outlet.refuses = {EWA}
    road.say(request(EWA, impact="niski", leave_out="Nazwa firmy"))
    road.run()
    ticket = road.ticket()
    assert (ticket.status, ticket.asked, ticket.cycle.pauses, ticket.patience_ended) == (Status.OPEN, (), (), True)
    assert [line for line in road.told() if line.startswith("alarm")] == [f"alarm {TECH}", f"alarm {JAN}"]
    assert road.history().count("not_delivered") == 1


def test_an_end_is_told_once_though_two_look(road: Road) -> None:
    road.outlet.refuses = {EWA}
    road.deliver(request(EWA, leave_out="Nazwa firmy"))
    road.process()
    while road.sender.one_pass():
        pass
    with road.database.read() as connection:
        (row,) = outbox.unsettled(connection, 10)
    for _ in range(2):
        sweep._apply(road.desk, row["ticket_id"], _failed(row), settles=row["id"])
    assert road.history().count("not_delivered") == 1


def _failed(row):
    from mailbot.model.event import DeliveryFailed

    return DeliveryFailed(row["id"], row["kind"], row["recipient"], MONDAY, row["reason"])


def test_the_end_of_a_replaced_question_is_told_to_nobody(road: Road) -> None:
    road.say(mail(ASKS, "Awaria", "Dzień dobry,\nmaszyna nie drukuje magenty.\nWpływ na działalność: niski\n\nEwa Lis"))
    from email.policy import SMTP

    from tests.system.letters import reply

    (question,) = road.letters(EWA)
    road.clock.turn(HOUR)
    road.outlet.away = True
    road.say(reply(question.as_bytes(policy=SMTP), ASKS, "Nazwa firmy: Drukarnia Lis"))
    with road.database.write() as connection:
        connection.exec_driver_sql("UPDATE outbox SET settled = 0 WHERE state = 'sent' AND kind = 'question'")
    sweep.settle(road.desk)
    assert (road.ticket().asked, road.ticket().asked_at, road.ticket().status) == ((Item.DEVICE,), None, Status.OPEN)


def test_staff_who_cannot_be_reached_are_known_to_the_others_once_a_day(road: Road) -> None:
    road.outlet.refuses = {TECH}
    for name in ("a", "b"):
        road.say(request(f"{name}@{name}.example"))
    road.run()
    rows = road.rows("SELECT recipient, state FROM outbox WHERE key LIKE 'staff-unreached:%' ORDER BY id")
    assert [(row["recipient"], row["state"]) for row in rows] == [(TECH, "failed"), (JAN, "sent"), (BOSS, "sent")]


# ---- the digest ---------------------------------------------------------------------------------------------------


def digests(road: Road, recipient: str = TECH) -> list[str]:
    return [body(letter) for letter in road.letters(recipient, "digest")]


def test_each_working_morning_once_to_all_of_the_house(road: Road) -> None:
    put(
        road,
        open_ticket(started_at=MONDAY - timedelta(days=3)),
        open_ticket(assignee="ewa@oxiprint.com", started_at=MONDAY - timedelta(days=3)),
    )
    road.clock.shown = MONDAY - timedelta(minutes=1)
    road.run()
    assert digests(road) == []
    road.clock.shown = MONDAY
    road.run()
    road.run()
    assert [len(digests(road, who)) for who in (TECH, JAN, BOSS, "ewa@oxiprint.com")] == [1, 1, 1, 1]
    road.until(MONDAY + timedelta(days=1, hours=-1), timedelta(hours=1))
    assert len(digests(road)) == 1
    road.until(MONDAY + timedelta(days=1))
    assert len(digests(road)) == 2


def test_not_on_a_day_off_and_not_when_there_is_nothing_to_say(road: Road) -> None:
    road.run()
    assert digests(road) == []
    put(road, a_ticket(status=Status.REVIEW))
    road.clock.shown = datetime(2026, 10, 17, 6, 0, tzinfo=UTC)  # Saturday
    road.run()
    road.clock.shown = datetime(2026, 11, 11, 7, 0, tzinfo=UTC)  # Independence Day, a Wednesday
    road.run()
    assert digests(road) == []


def test_it_names_what_is_overdue_due_today_waiting_and_to_review(road: Road) -> None:
    asked = {"asked": (Item.COMPANY,), "asked_at": MONDAY - timedelta(days=3), "questions": 1, "status": Status.WAITING}
    put(
        road,
        open_ticket(started_at=MONDAY - timedelta(days=4), subject="spóźniona"),
        open_ticket(started_at=MONDAY, subject="na dziś"),
        open_ticket(Impact.LOW, started_at=MONDAY, subject="na później"),
        a_ticket(**asked, cycle=sla.pause(Cycle(1, MONDAY - timedelta(days=3), Impact.LOW), road.service, MONDAY - timedelta(days=3))),
        a_ticket(status=Status.REVIEW, subject="do oceny"),
    )
    with road.database.read() as connection:
        listed = tickets.waiting_digest(connection, MONDAY + 9 * HOUR + timedelta(seconds=1))
    digest = sweep._digest(road.desk, MONDAY.date(), listed, MONDAY, MONDAY + 9 * HOUR)

    def numbers(lines: Iterable[object]) -> list[int]:
        return [line.ticket.id for line in lines]  # type: ignore[attr-defined]

    assert (numbers(digest.overdue), numbers(digest.due_today)) == ([1], [2])
    assert (numbers(digest.waiting), numbers(digest.review)) == ([4], [5])
    assert digest.overdue[0].overdue == timedelta(hours=12)


def test_the_morning_reminder_of_an_overdue_ticket_is_its_line(road: Road) -> None:
    put(road, open_ticket(Impact.HIGH))
    road.until(MONDAY + 7 * HOUR, timedelta(minutes=12))
    before = len(reminders(road))
    road.until(MONDAY + timedelta(days=1, hours=1), timedelta(hours=1))
    assert len(reminders(road)) == before == 4
    assert "OXI-2026-000001" in digests(road)[-1]
    assert [row["stage"] for row in road.rows("SELECT stage FROM timer WHERE done_at IS NOT NULL ORDER BY at")][-1] == "sla:late:1"


def test_held_mails_are_named(road: Road) -> None:
    number = road.deliver(request(EWA))
    with road.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE journal SET state = 'held' WHERE id = {number}")
    road.run()
    assert "mailbot mail held" in digests(road)[0]


def test_a_saved_ticket_is_what_was_put() -> None:
    assert SaveTicket(open_ticket()).ticket == open_ticket()
