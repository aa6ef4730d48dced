"""Journal -> rules -> store: each mail in hand gets its one consequence. Read this page first.

    claim      take mails in hand (one transaction)
    examine    parse and triage them in the reading process
    read       find what the customers told us, knowing what they were asked
    decide     one writing transaction: load what is known, choose the ticket, decide, render, apply

A mail that breaks anything is tried alone, three times at most, counted before each try; then it is held (law I8).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailbot.errors import StaleTicket, Transient
from mailbot.fault import fault
from mailbot.log import log_line
from mailbot.model.event import MailArrived
from mailbot.model.facts import Reading
from mailbot.model.known import Known
from mailbot.model.mail import Address, MailKind
from mailbot.model.plan import Conclude, Plan
from mailbot.model.ticket import Ticket
from mailbot.rules.arrivals import Situation, course_of, waits_for_thread
from mailbot.rules.decide import Identity, decide_mail, opens_ticket
from mailbot.rules.match import Keys, Match, find_ticket, keys_of, moved_by_staff
from mailbot.rules.reading import ReadingContext
from mailbot.rules.senders import sender_of
from mailbot.steps import alarm
from mailbot.steps.desk import Desk
from mailbot.steps.reader import Examined, Reader, ReadMail, Unreadable
from mailbot.store import journal, knowledge, tickets
from mailbot.store.engine import Connection
from mailbot.store.journal import TRIES, Claimed

log = logging.getLogger("mailbot.process")

BATCH = 20
_THREAD_WAIT = timedelta(seconds=5)
_LANGUAGE_OF_HISTORY = "pl"


def one_pass(desk: Desk, reader: Reader) -> int:
    """Give the oldest waiting mails their consequence; returns how many were in hand."""
    mails = journal.claim(desk.database, desk.holder, now=desk.clock.now(), limit=BATCH)
    fault("claimed")
    together = [mail for mail in mails if not mail.alone]
    if together:
        try:
            _take(desk, reader, together)
        except (Unreadable, StaleTicket) as error:
            _put_back(desk, together, str(error))
        except Exception as error:
            _put_back_if_ours(desk, together, error)
    for mail in mails:
        if mail.alone:
            _take_alone(desk, reader, mail)
    return len(mails)


def _put_back_if_ours(desk: Desk, mails: Sequence[Claimed], error: Exception) -> None:
    """A database that is away is no mail's fault: they are claimed again when it is back. Anything else is: each is tried alone."""
    if isinstance(error, Transient):
        raise error
    log.exception("a batch of mails failed; each is tried alone")
    _put_back(desk, mails, f"{type(error).__name__}: {error}")


def _put_back(desk: Desk, mails: Sequence[Claimed], error: str) -> None:
    with desk.database.write() as connection:
        journal.release(connection, [mail.id for mail in mails], next_at=desk.clock.now(), error=error)


def _take_alone(desk: Desk, reader: Reader, mail: Claimed) -> None:
    if mail.attempts >= TRIES:
        return _hold(desk, mail, "tried three times, and each time the process died or failed")
    with desk.database.write() as connection:
        tries = journal.count_try(connection, mail.id)
    try:
        _take(desk, reader, [mail])
    except Transient:  # the ticket changed, or the database was away
        with desk.database.write() as connection:
            journal.uncount_try(connection, mail.id)
            journal.release(connection, [mail.id], next_at=desk.clock.now() + _THREAD_WAIT)
    except Exception as error:
        log.exception("mail %s failed, try %s", mail.id, tries)
        if tries >= TRIES:
            _hold(desk, mail, f"{type(error).__name__}: {error}")
        else:
            with desk.database.write() as connection:
                journal.release(connection, [mail.id], next_at=desk.clock.now() + timedelta(seconds=2 * tries), error=str(error))
    return None


def _hold(desk: Desk, mail: Claimed, error: str) -> None:
    """Put the mail aside and tell staff, in one transaction."""
    now = desk.clock.now()
    arrived = mail.arrived_at.astimezone(ZoneInfo(desk.service.calendar.zone))
    lines = (
        f"Wiadomości nr {mail.id} (nadeszła {arrived:%Y-%m-%d %H:%M}) nie da się przetworzyć.",
        f"Powód: {error}"[:500],
        f"Zobacz: mailbot mail show {mail.id}; ponów: mailbot mail replay {mail.id}",
    )
    with desk.database.write() as connection:
        journal.hold(connection, mail.id, error=error, now=now)
        alarm.raise_alarm(connection, desk, f"held:mail:{mail.id}", "Wiadomość odłożona na bok", lines)
    log.error(log_line("mail held", journal=mail.id, error=error))


# ---- one batch ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _InHand:
    claimed: Claimed
    seen: Examined
    sender: Address | None
    keys: Keys
    context: ReadingContext


def _take(desk: Desk, reader: Reader, mails: Sequence[Claimed]) -> None:
    """Examine, read and settle the mails; one that turns out to answer another question than it was read for is read again."""
    examined = reader.examine([(mail.raw, mail.partial) for mail in mails])
    fault("examined")
    with desk.database.read() as connection:
        in_hand = [_prepare(connection, desk, mail, seen) for mail, seen in zip(mails, examined, strict=True)]
    for last in (False, False, True):
        read = _read(reader, in_hand)
        with desk.database.write() as connection:
            again = [_settle(connection, desk, each, what, last=last) for each, what in zip(in_hand, read, strict=True)]
            fault("process.commit")
        fault("process.committed")
        in_hand = [each for each in again if each is not None]
        if not in_hand:
            return


def _read(reader: Reader, in_hand: Sequence[_InHand]) -> list[ReadMail]:
    """What the mails say. An old one is kept, and nobody reads it, unless staff want it on a ticket."""
    wanted = [each for each in in_hand if not each.claimed.history or each.claimed.moved_to]
    read = dict(zip((each.claimed.id for each in wanted), reader.read([(e.seen, e.context) for e in wanted]), strict=True))
    return [read.get(each.claimed.id, ReadMail(Reading(_LANGUAGE_OF_HISTORY), each.seen.verdict)) for each in in_hand]


def _prepare(connection: Connection, desk: Desk, claimed: Claimed, seen: Examined) -> _InHand:
    """What the mail answers, so that it is read as an answer to what was asked."""
    seen = replace(seen, mail=replace(seen.mail, size=claimed.size))  # of a partial one only the head was parsed
    sender = sender_of(seen.mail, desk.service)
    keys = keys_of(seen.mail, desk.service, desk.signer)
    each = _InHand(claimed, seen, sender, keys, ReadingContext(desk.service))
    ticket = find_ticket(seen.mail, sender, keys, _known(connection, desk, each), desk.service).ticket
    return replace(each, context=_context(desk, each, ticket))


def _context(desk: Desk, each: _InHand, ticket: Ticket | None) -> ReadingContext:
    """What the reader knows: what the ticket asks for and holds. A colleague answers no question of ours."""
    by_staff = each.seen.verdict.kind is MailKind.STAFF
    return ReadingContext(
        desk.service,
        asked=ticket.asked if ticket and not by_staff else (),
        language=ticket.language if ticket else None,
        known=ticket.facts if ticket else None,
        forwarded_is_customer=by_staff,
    )


def _known(connection: Connection, desk: Desk, each: _InHand, customer: str = "") -> Known:
    """What the database knows of the mail; `customer` is the one that a colleague writes for."""
    report, claimed = each.seen.mail.report, each.claimed
    failed = tuple(item.recipient for item in report.deliveries) if report and each.seen.verdict.kind is MailKind.BOUNCE else ()
    return knowledge.load(
        connection,
        message_ids=each.keys.message_ids,
        numbers=(*each.keys.signed, *each.keys.marks, *((claimed.moved_to,) if claimed.moved_to else ())),
        failed_recipients=failed,
        sender=customer.lower() or (each.sender.key if each.sender else ""),
        now=desk.clock.now(),
    )


def _settle(connection: Connection, desk: Desk, each: _InHand, what: ReadMail, *, last: bool) -> _InHand | None:
    """The mail's consequence, in the open transaction; or the mail, to be read again as the answer that it is. `last`: as it was read."""
    claimed, now = each.claimed, desk.clock.now()
    mail = replace(each.seen.mail, size=claimed.size)  # as on the server: of a partial mail we hold less
    first = journal.first_delivery(connection, claimed.id, content_key=_content_key(each), message_id=mail.message_id)
    if _waits(connection, each, now):
        journal.release(connection, [claimed.id], next_at=now + _THREAD_WAIT)
        return None
    by_staff = each.seen.verdict.kind is MailKind.STAFF
    known = _known(connection, desk, each, (what.reading.on_behalf_of or "") if by_staff else "")
    known = replace(known, duplicate_of=None if first == claimed.id else first)
    match = _match(desk, each, known, what, now)
    context = _context(desk, each, match.ticket)
    if not last and context.asked != each.context.asked:
        return replace(each, context=context)
    event = MailArrived(claimed.id, claimed.arrived_at, mail, what.verdict, what.reading)
    situation = Situation(event, match, known, desk.service, claimed.role, claimed.history, claimed.moved_to)
    test = course_of(situation)
    identity = _identity(connection, desk, claimed) if opens_ticket(test.course) else None
    plan = decide_mail(situation, test, identity, now)
    fault("decided")
    applied = desk.carry_out(connection, plan, now)
    _log(claimed, plan, len(applied.queued), [reason for _, reason in applied.suppressed])
    return None


def _content_key(each: _InHand) -> str:
    """What makes two deliveries one. The copy in Sent is another than the one that came in: it proves that a colleague wrote it."""
    key = each.seen.mail.content_key
    return key if each.claimed.role == "inbox" else f"{each.claimed.role}:{key}"[:64]


def _match(desk: Desk, each: _InHand, known: Known, what: ReadMail, now: datetime) -> Match:
    if each.claimed.moved_to:
        return moved_by_staff(each.claimed.moved_to, known)
    mail, kind = each.seen.mail, what.verdict.kind
    return find_ticket(mail, each.sender, each.keys, known, desk.service, reading=what.reading, kind=kind, now=now)


def _waits(connection: Connection, each: _InHand, now: datetime) -> bool:
    """A mail that answers one which is not processed yet waits for it, five minutes at most."""
    named = (*each.seen.mail.in_reply_to, *each.seen.mail.references)
    if not named or each.claimed.history or not waits_for_thread(each.claimed.stored_at, now):
        return False
    return journal.unprocessed(connection, named, since=now - timedelta(minutes=5), besides=each.claimed.id)


def _identity(connection: Connection, desk: Desk, claimed: Claimed) -> Identity:
    year = claimed.arrived_at.astimezone(ZoneInfo(desk.service.calendar.zone)).year
    taken = tickets.take_number(connection, desk.service.ticket_prefix, year, claimed.id)
    return Identity(taken.id, taken.number)


def _log(claimed: Claimed, plan: Plan, queued: int, suppressed: list[str]) -> None:
    done = next(effect for effect in plan.effects if isinstance(effect, Conclude))
    log.info(
        log_line(
            f"mail {done.consequence}",
            journal=claimed.id,
            ticket=done.ticket,
            kind=done.kind,
            rules="+".join(plan.rules),
            queued=queued,
            suppressed="; ".join(suppressed) or None,
        )
    )
