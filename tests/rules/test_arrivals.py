"""The policy table: each line has an example that it, and no line above it, takes; and what stands above what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.model.facts import Flag
from mailbot.model.known import Known, RegisterEntry, TicketSummary
from mailbot.model.mail import Address, MailKind
from mailbot.model.ticket import Status
from mailbot.rules.arrivals import COURSES, Course, Situation, course_of, flooded, waits_for_thread
from mailbot.rules.decide import opens_ticket
from mailbot.rules.match import Evidence, Match
from tests.build import a_service, a_ticket, an_arrival
from tests.rules.outcome import HOUSE, NOW, a_notice

CUSTOMER = (Address("", "jan.kowalski@drukarnia.example"),)
TICKET = a_ticket()
LONG_CLOSED = a_ticket(status=Status.CLOSED, closed_at=NOW - timedelta(days=31))


def by_jan(**changes: object) -> dict[str, object]:
    return {"sender": "jan@oxiprint.com", "name": "Jan Nowak", **changes}


def situation(event=None, ticket=None, *, by=Evidence.SIGNED, role="inbox", history=False, moved_to="", service=HOUSE, **known):
    known.setdefault("tickets", (ticket,) if ticket else ())
    match = Match(ticket, "a reason", (), by if ticket else Evidence.NONE)
    return Situation(event or an_arrival(), match, Known(**known), service, role, history, moved_to)


def staff(**changes: object):
    return an_arrival(kind=MailKind.STAFF, mail=by_jan(**changes))


def summary(ticket=TICKET):
    return TicketSummary(ticket.id, ticket.number, ticket.status, "awaria", NOW, NOW, None, ticket.requester.key, "")


EXAMPLES: dict[str, Situation] = {
    "moved_to_new": situation(an_arrival(kind=MailKind.BULK), history=True, duplicate_of=3, moved_to="new"),
    "adopted": situation(an_arrival(kind=MailKind.BOUNCE), TICKET, history=True, duplicate_of=3),
    "duplicate": situation(an_arrival(kind=MailKind.OWN), TICKET, duplicate_of=3),
    "own": situation(an_arrival(kind=MailKind.OWN), TICKET),
    "bounce": situation(an_arrival(kind=MailKind.BOUNCE), TICKET, sent=(a_notice(),)),
    "machine_on_ticket": situation(an_arrival(kind=MailKind.AUTO_REPLY), TICKET, flood=100),
    "machine": situation(an_arrival(kind=MailKind.BULK)),
    "started": situation(staff(cc=CUSTOMER, in_reply_to=("<notice>",)), TICKET, sent=(a_notice(),)),
    "sent": situation(staff(to=CUSTOMER), role="sent"),
    "command": situation(staff(in_reply_to=("<notice>",)), TICKET, sent=(a_notice(),)),
    "staff_note": situation(replace(staff(), reading=replace(staff().reading, on_behalf_of="ewa@x.example")), TICKET),
    "on_behalf": situation(replace(staff(), reading=replace(staff().reading, on_behalf_of="ewa@x.example"))),
    "staff_review": situation(staff(), flood=100),
    "invitation": situation(an_arrival(kind=MailKind.OTHER, test="calendar"), TICKET, flood=100),
    "flood": situation(an_arrival(spam=True), TICKET, flood=21),
    "spam": situation(an_arrival(spam=True)),
    "answer": situation(an_arrival(kind=MailKind.OTHER), TICKET),
    "other": situation(an_arrival(kind=MailKind.OTHER), LONG_CLOSED),
    "too_late_to_reopen": situation(an_arrival(), LONG_CLOSED),
    "request": situation(),
}


def test_every_line_has_an_example() -> None:
    assert list(EXAMPLES) == [test.name for test in COURSES]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_is_taken_by_its_line(name: str) -> None:
    assert course_of(EXAMPLES[name]).name == name


def test_every_line_says_what_it_is_about_in_a_sentence() -> None:
    assert [test.name for test in COURSES if not (test.says[0].isupper() and test.says.endswith("."))] == []
    assert len({test.name for test in COURSES}) == len(COURSES)


def test_what_opens_a_ticket() -> None:
    assert {course for course in Course if opens_ticket(course)} == {Course.OPEN, Course.REVIEW, Course.ON_BEHALF, Course.STAFF_REVIEW}


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("machine", situation(an_arrival(kind=MailKind.BOUNCE))),  # a report on nothing that we know
        ("machine_on_ticket", situation(an_arrival(kind=MailKind.BOUNCE), TICKET)),  # names the ticket, not the mail
        ("request", situation(an_arrival(), flood=21)),  # a flood needs an open ticket, so that nothing is lost
        ("request", situation(an_arrival(spam=True), recent=(summary(),))),  # a known sender is never spam
        ("request", situation(an_arrival(spam=True), register=RegisterEntry("Drukarnia AS"))),
        ("answer", situation(an_arrival(spam=True), TICKET)),
        ("answer", situation(an_arrival(Flag.THANKS_ONLY), LONG_CLOSED)),  # thanks open nothing
        ("answer", situation(an_arrival(), replace(LONG_CLOSED, closed_at=NOW - timedelta(days=30)))),
        ("answer", situation(an_arrival(), LONG_CLOSED, moved_to=LONG_CLOSED.number)),  # staff know better
        ("answer", situation(an_arrival(), TICKET, history=True, duplicate_of=3, moved_to=TICKET.number)),
        ("staff_review", situation(staff(), moved_to="new")),
        ("staff_note", situation(staff(to=(Address("", "technik@oxiprint.com"),), cc=(Address("", "serwis@oxiprint.com"),)), TICKET)),
        ("started", situation(staff(to=(Address("", "ewa@drukarnia.example"),)), TICKET)),  # the requester's colleague
        ("sent", situation(staff(to=CUSTOMER), role="sent", sent=(a_notice(),))),
        ("started", situation(staff(to=CUSTOMER), TICKET, role="sent")),
        ("sent", situation(staff(to=(Address("", "dostawca@x.example"),)), TICKET, role="sent")),
        ("command", situation(an_arrival(mail={"in_reply_to": ("<notice>",)}), TICKET, by=Evidence.NOTICE, sent=(a_notice(),))),
        (
            "answer",
            situation(an_arrival(mail={"in_reply_to": ("<notice>",)}), TICKET, sent=(a_notice(),)),
        ),  # a customer who got one forwarded
        ("staff_review", situation(replace(staff(), reading=replace(staff().reading, on_behalf_of="jan@oxiprint.com")))),
        ("staff_review", situation(replace(staff(), reading=replace(staff().reading, on_behalf_of="serwis@oxiprint.com")))),
    ],
)
def test_neighbours(name: str, what: Situation) -> None:
    assert course_of(what).name == name


def test_a_colleague_whose_authentication_failed_starts_nothing() -> None:
    forged = (("authentication-results", "mx.oxiprint.com; dmarc=fail header.from=oxiprint.com"),)
    service = replace(HOUSE, authserv_id="mx.oxiprint.com")
    event = staff(cc=CUSTOMER, headers=forged)
    assert course_of(situation(event, TICKET, service=service)).name == "staff_note"
    assert course_of(situation(event, TICKET)).name == "started"  # no server of ours has a word in it
    assert course_of(situation(event, TICKET, service=service, role="sent")).name == "started"


def test_a_flood_goes_to_the_ticket_it_belongs_to_else_to_the_newest_open_one() -> None:
    newest, older = a_ticket(id=3, number="OXI-2026-000003"), a_ticket(id=2, number="OXI-2026-000002")
    closed = a_ticket(id=4, number="OXI-2026-000004", status=Status.CLOSED)
    mine = {"tickets": (closed, newest, older, TICKET), "recent": tuple(map(summary, (closed, newest, older)))}
    assert flooded(situation(None, older, **mine)) is older
    assert flooded(situation(None, closed, **mine)) is newest
    assert flooded(situation(None, tickets=(TICKET,))) is None  # somebody else's


def test_a_mail_waits_for_the_one_it_answers_five_minutes() -> None:
    at = datetime(2026, 10, 12, tzinfo=UTC)
    assert waits_for_thread(at, at + timedelta(seconds=299))
    assert not waits_for_thread(at, at + timedelta(seconds=300))


def test_staff_domains_make_colleagues() -> None:
    service = a_service(staff_domains=("oxiprint.com",))
    event = staff(to=(Address("", "ktos@oxiprint.com"),))
    assert course_of(situation(event, TICKET, service=service)).name == "staff_note"
