"""One line per example: `a_mail(...)`, `a_ticket(...)`, `a_reading(...)`, `a_service(...)`. Every argument has a default that is boring."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mailbot.model.deadline import Cycle
from mailbot.model.event import MailArrived
from mailbot.model.facts import Fact, Facts, Flag, Impact, Reading, Remark, Where
from mailbot.model.mail import Address, Mail, MailKind
from mailbot.model.service import Device, Person, Service
from mailbot.model.ticket import Status, Ticket
from mailbot.model.verdict import Verdict

CATALOGUE = ("OXIJET 1600", "OXIJET 3200", "OXI UV 2513", "OXI UV 6090", "OXI TEX 1800", "OXI ROLL 1800", "OXI HYBRID 2000", "OXI CUT 1625")


def a_service(**changes: Any) -> Service:
    """The service of the example configuration, with changes."""
    service = Service(
        team=("technik@oxiprint.com",),
        people=(Person("Jan Nowak", "jan@oxiprint.com"),),
        devices=tuple(Device(name) for name in CATALOGUE),
    )
    return replace(service, **changes)


def a_mail(
    text: str = "Dzień dobry, OXIJET 3200 nie drukuje magenty.",
    *,
    sender: str = "jan.kowalski@drukarnia.example",
    name: str = "Jan Kowalski",
    subject: str = "awaria",
    message_id: str | None = "<m1@drukarnia.example>",
    headers: tuple[tuple[str, str], ...] = (),
    **changes: Any,
) -> Mail:
    """A human mail to the desk as `parse` would return it."""
    digest = hashlib.sha256(repr((text, sender, subject, message_id)).encode()).hexdigest()
    mail = Mail(
        digest=digest,
        content_key=digest,
        message_id=message_id,
        in_reply_to=(),
        references=(),
        from_=Address(name, sender),
        from_count=1,
        sender=None,
        reply_to=(),
        to=(Address("", "serwis@oxiprint.com"),),
        cc=(),
        return_path=sender,
        subject=subject,
        date=None,
        headers=headers,
        text=text,
        html=None,
        size=len(text),
    )
    return replace(mail, **changes)


def a_ticket(**changes: Any) -> Ticket:
    """An open ticket of Jan Kowalski, complete but for the company, with changes."""
    at = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)  # Monday 8:00 in Warsaw
    ticket = Ticket(
        id=1,
        number="OXI-2026-000001",
        version=0,
        status=Status.OPEN,
        language="pl",
        requester=Address("Jan Kowalski", "jan.kowalski@drukarnia.example"),
        answer_to=Address("Jan Kowalski", "jan.kowalski@drukarnia.example"),
        subject="awaria",
        opened_at=at,
        cycle=Cycle(1, at, Impact.HIGH),
        facts=a_reading(company=None).facts,
        participants=frozenset({"jan.kowalski@drukarnia.example"}),
    )
    return replace(ticket, **changes)


def a_reading(*flags: Flag, language: str = "pl", new_text: str = "nie drukuje magenty", **values: str | None) -> Reading:
    """A reading with all facts given, but for those that are set to None, and these flags."""
    given: dict[str, str | None] = {
        "first_name": "Jan",
        "last_name": "Kowalski",
        "company": "Drukarnia AS",
        "device": "OXIJET 3200",
        "description": "nie drukuje magenty",
        "impact": "high",
    }
    found = {name: Fact(value, Where.TEXT, value) for name, value in {**given, **values}.items() if value is not None}
    return Reading(language, Facts(**found), tuple(Remark(flag) for flag in flags), new_text)


def an_arrival(
    *flags: Flag,
    kind: MailKind = MailKind.REQUEST,
    test: str = "human",
    silence: str | None = None,
    spam: bool = False,
    at: datetime = datetime(2026, 10, 12, 7, 0, tzinfo=UTC),  # Monday 9:00 in Warsaw, an hour after `a_ticket`
    journal: int = 17,
    mail: dict[str, Any] | None = None,
    reading: Reading | None = None,
    **facts: str | None,
) -> MailArrived:
    """A mail that was read: by default a complete request of Jan Kowalski. `facts` change what it tells, `mail` the mail itself."""
    return MailArrived(journal, at, a_mail(**(mail or {})), Verdict(kind, test, "", silence, spam), reading or a_reading(*flags, **facts))


NOTHING: dict[str, None] = dict.fromkeys(("first_name", "last_name", "company", "device", "description", "impact"))
"""`an_arrival(**NOTHING)` tells nothing that is asked for."""
