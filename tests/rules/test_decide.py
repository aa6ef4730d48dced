"""What every plan has, whatever the mail: one consequence, unique keys, no automatic word to a machine, letters to the right people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model.event import MailArrived
from mailbot.model.facts import Flag, Item
from mailbot.model.known import Known
from mailbot.model.letter import Audience
from mailbot.model.mail import Address, MailKind
from mailbot.model.plan import CancelUnsent, Consequence, Enqueue, Note, SaveTicket, SetTimers
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.match import Evidence
from mailbot.rules.planning import due_at, timers_of
from tests.build import a_mail, a_reading, a_ticket, an_arrival
from tests.rules.outcome import HOUSE, NOW, a_notice, what_follows

NAMES = ("first_name", "last_name", "company", "device", "description", "impact")


@st.composite
def arrivals(draw: st.DrawFn) -> MailArrived:
    """Any mail, as triage and reading may tell of it."""
    told = dict.fromkeys(draw(st.sets(st.sampled_from(NAMES))))
    flags = draw(st.sets(st.sampled_from(tuple(Flag)), max_size=2))
    reading = a_reading(*flags, **told)
    reading = replace(
        reading, on_behalf_of=draw(st.sampled_from((None, "ewa@druk.example"))), new_text=draw(st.sampled_from(("start", "tekst")))
    )
    sender = draw(st.sampled_from(("jan.kowalski@drukarnia.example", "obcy@gmail.com", "jan@oxiprint.com", "serwis@oxiprint.com")))
    mail = a_mail(
        sender=sender,
        in_reply_to=draw(st.sampled_from(((), ("<notice>",)))),
        to=draw(st.sampled_from(((), (Address("", "jan.kowalski@drukarnia.example"),)))),
    )
    if draw(st.integers(0, 9)) == 0:
        mail = replace(mail, from_=None, from_count=0)
    silence = draw(st.sampled_from((None, None, "nie wolno")))
    kind = draw(st.sampled_from(tuple(MailKind)))
    event = an_arrival(kind=kind, silence=silence, spam=draw(st.booleans()), reading=reading, at=NOW - timedelta(minutes=1))
    return replace(event, mail=mail)


@st.composite
def tickets(draw: st.DrawFn) -> Ticket | None:
    """Any ticket that the mail may belong to, or none."""
    status = draw(st.none() | st.sampled_from(tuple(Status)))
    if status is None:
        return None
    asked = {"asked": (Item.COMPANY,), "questions": draw(st.integers(1, 2))} if draw(st.booleans()) or status is Status.WAITING else {}
    ticket = a_ticket(status=status, **asked)
    if status is Status.WAITING:
        ticket = replace(ticket, asked_at=NOW - timedelta(hours=1))
    if status is Status.CLOSED:
        ticket = replace(ticket, asked=(), closed_at=NOW - timedelta(days=draw(st.sampled_from((1, 40)))))
    return replace(ticket, silence=draw(st.sampled_from(("", "", "milczymy"))), assignee=draw(st.sampled_from(("", "jan@oxiprint.com"))))


@settings(max_examples=200, deadline=None)
@given(arrivals(), tickets(), st.sampled_from(("inbox", "sent")), st.booleans(), st.sampled_from(("", "new")), st.sampled_from((0, 21)))
def test_every_plan(event: MailArrived, ticket: Ticket | None, role: str, muted: bool, moved_to: str, flood: int) -> None:
    known = Known(tickets=(ticket,) if ticket else (), sent=(a_notice(),), muted="poczta nie dochodzi" if muted else "", flood=flood)
    found = ticket if moved_to != "new" else None
    then = what_follows(event, found, by=Evidence.STORED, known=known, role=role, moved_to=moved_to)
    effects = then.plan.effects
    assert then.concluded.reason  # exactly one (law I2), with its reason
    assert (then.concluded.consequence is Consequence.IGNORED) == (then.concluded.ticket is None)
    assert len({draft.key for draft in then.drafts}) == len(then.drafts)
    customer = [effect for effect in effects if isinstance(effect, Enqueue) and effect.draft.audience is Audience.CUSTOMER]
    automatic = [effect for effect in customer if effect.draft.automatic]
    if event.verdict.kind.is_machine or event.verdict.silence or muted:
        assert automatic == []  # law I5, and silence
    assert len(automatic) <= 1
    assert all(effect.limited and effect.otherwise for effect in automatic)
    saved = [effect for effect in effects if isinstance(effect, SaveTicket)]
    if not saved:
        return
    assert [effect.draft.to for effect in customer if effect.draft.to != (then.ticket.answer_to or then.ticket.requester)] == []
    (timers,) = (effect for effect in effects if isinstance(effect, SetTimers))
    assert (timers.timers, timers.due_at) == (timers_of(then.ticket, HOUSE), due_at(then.ticket, HOUSE))
    assert bool([effect for effect in effects if isinstance(effect, CancelUnsent)]) == (not then.ticket.asked)
    assert all(note.journal == 17 for note in effects if isinstance(note, Note))
    secret = [draft for draft in then.drafts if draft.audience is Audience.CUSTOMER and "<notice>" in draft.thread.references]
    assert not secret or ("<notice>" in event.mail.in_reply_to and event.verdict.kind is not MailKind.STAFF and role != "sent")
