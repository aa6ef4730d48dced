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
from mailbot.rules.arrivals import Situation, course_of, waits_for_thread
from mailbot.rules.decide import Identity, decide_mail, opens_ticket
from mailbot.rules.match import Keys, Match, find_ticket, keys_of
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
    """A database that is away is no mail's fault: the lease runs out by itself. Anything else is: each is tried alone."""
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
    except Transient:
        with desk.database.write() as connection:
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
    examined = reader.examine([(mail.raw, mail.partial) for mail in mails])
    fault("examined")
    with desk.database.read() as connection:
        in_hand = [_prepare(connection, desk, mail, seen) for mail, seen in zip(mails, examined, strict=True)]
    answerable = [each for each in in_hand if not each.claimed.history]
    read = dict(zip((each.claimed.id for each in answerable), reader.read([(e.seen, e.context) for e in answerable]), strict=True))
    with desk.database.write() as connection:
        for each in in_hand:
            unread = ReadMail(Reading(_LANGUAGE_OF_HISTORY), each.seen.verdict)  # an old mail is kept, nobody reads it
            _settle(connection, desk, each, read.get(each.claimed.id, unread))
        fault("process.commit")
    fault("process.committed")


def _prepare(connection: Connection, desk: Desk, claimed: Claimed, seen: Examined) -> _InHand:
    """What the mail answers, so that it is read as an answer to what was asked."""
    sender = sender_of(seen.mail, desk.service)
    keys = keys_of(seen.mail, desk.service, desk.signer)
    known = _known(connection, desk, claimed, seen, sender, keys)
    ticket = find_ticket(seen.mail, sender, keys, known, desk.service).ticket
    by_staff = seen.verdict.kind is MailKind.STAFF
    context = ReadingContext(
        desk.service,
        asked=ticket.asked if ticket and not by_staff else (),
        language=ticket.language if ticket else None,
        known=ticket.facts if ticket else None,
        forwarded_is_customer=by_staff,
    )
    return _InHand(claimed, seen, sender, keys, context)


def _known(connection: Connection, desk: Desk, claimed: Claimed, seen: Examined, sender: Address | None, keys: Keys) -> Known:
    report = seen.mail.report
    failed = tuple(item.recipient for item in report.deliveries) if report and seen.verdict.kind is MailKind.BOUNCE else ()
    return knowledge.load(
        connection,
        message_ids=keys.message_ids,
        numbers=(*keys.signed, *keys.marks, *((claimed.moved_to,) if claimed.moved_to else ())),
        failed_recipients=failed,
        sender=sender.key if sender else "",
        now=desk.clock.now(),
    )


def _settle(connection: Connection, desk: Desk, each: _InHand, what: ReadMail) -> None:
    """The mail's consequence, in the open transaction."""
    claimed, mail, now = each.claimed, each.seen.mail, desk.clock.now()
    first = journal.first_delivery(connection, claimed.id, content_key=mail.content_key, message_id=mail.message_id)
    if _waits(connection, each, now):
        return journal.release(connection, [claimed.id], next_at=now + _THREAD_WAIT)
    known = _known(connection, desk, claimed, each.seen, each.sender, each.keys)
    known = replace(known, duplicate_of=None if first == claimed.id else first)
    event = MailArrived(claimed.id, claimed.arrived_at, mail, what.verdict, what.reading)
    match = _match(desk, each, known, what.reading, now)
    if match.ticket is not None and not each.context.forwarded_is_customer and match.ticket.asked != each.context.asked:
        return journal.release(connection, [claimed.id], next_at=now)  # another question stands by now: read again, knowing it
    situation = Situation(event, match, known, desk.service, claimed.role, claimed.history)
    test = course_of(situation)
    identity = _identity(connection, desk, claimed) if opens_ticket(test.course) else None
    plan = decide_mail(situation, test, identity, now)
    fault("decided")
    applied = desk.carry_out(connection, plan, now)
    _log(claimed, plan, len(applied.queued), [reason for _, reason in applied.suppressed])
    return None


def _match(desk: Desk, each: _InHand, known: Known, reading: Reading, now: datetime) -> Match:
    moved_to = each.claimed.moved_to
    if moved_to:
        wanted = next((ticket for ticket in known.tickets if ticket.number == moved_to), None)
        return Match(wanted, f"moved by staff to {moved_to}")
    return find_ticket(each.seen.mail, each.sender, each.keys, known, desk.service, reading=reading, now=now)


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
