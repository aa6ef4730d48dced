"""Building a plan on one ticket: changes, history and letters are collected, and put in order at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mailbot.errors import MailbotError
from mailbot.model.deadline import Timer
from mailbot.model.facts import Flag, Impact
from mailbot.model.letter import Audience, CustomerLetter, Draft, Letter, StaffLetter, Thread
from mailbot.model.mail import Address, Mail
from mailbot.model.plan import CancelUnsent, Effect, Enqueue, Note, Plan, SaveTicket, SetTimers, Suppress
from mailbot.model.service import Service
from mailbot.model.ticket import TRANSITIONS, Status, Ticket
from mailbot.rules import sla, working_time
from mailbot.rules.notices import STATUS_WORDS, not_sent
from mailbot.rules.senders import is_deliverable

DESK = "mailbot"  # the actor of what the program does by itself
QUESTION_KINDS = ("question", "question_reminder")
NO_ADDRESS = "nie ma adresu, na który można odpisać"


class WrongTurn(MailbotError):
    """The status machine does not allow this; the text, for staff, says what is possible."""


@dataclass(slots=True)
class Planning:
    """A plan in the making. `cause` is what the outbox keys are made of, e.g. `mail:17`; `thread` is the mail that letters answer.

    Letters are given as functions of the finished ticket, because they show it as it is after all changes. Their keys are made when
    they are given, so that a later cause is not theirs.
    """

    ticket: Ticket
    service: Service
    now: datetime
    cause: str
    thread: Thread | None = None  # None: what the customer wrote last
    journal: int | None = None
    hush: str = ""  # why no program may answer what happened, in words for staff; the ticket's own silence counts beside it
    withheld: str = ""  # why a letter to the customer was kept back; empty: none was
    rules: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    after: list[Effect] = field(default_factory=list)
    letters: list[Callable[[Ticket], tuple[Effect, ...]]] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)

    def because(self, rule: str) -> None:
        """Name the rule that applied; `mailbot mail why` shows it."""
        self.rules.append(rule)

    def change(self, **changes: Any) -> None:
        """Replace fields of the ticket."""
        self.ticket = replace(self.ticket, **changes)

    def turn(self, status: Status) -> None:
        """Take the ticket to another status; raises WrongTurn where the machine has no such way."""
        if status is self.ticket.status:
            return
        if status not in TRANSITIONS[self.ticket.status]:
            ways = ", ".join(STATUS_WORDS[way] for way in Status if way in TRANSITIONS[self.ticket.status])
            raise WrongTurn(f"{self.ticket.number} ma stan „{STATUS_WORDS[self.ticket.status]}”; może z niego przejść tylko do: {ways}")
        self.change(status=status)

    def note(self, what: str, text: str, actor: str = DESK) -> None:
        """A line of history."""
        self.notes.append(Note(self.ticket.id, actor, what, text, self.journal))

    def add(self, *effects: Effect) -> None:
        """Effects that need no ticket value."""
        self.after.extend(effects)

    # ---- letters ----

    def to_customer(self, letter: Callable[[Ticket], CustomerLetter], *, automatic: bool = True) -> None:
        """A letter to the customer: an automatic one within the limits, with a word to staff when one of them stops it.

        Where a program must not write to the customer, a suppressed row with the reason is kept instead; `withheld` tells then.
        """
        ticket, cause, thread = self.ticket, self.cause, self.thread or _thread_of(self.ticket)
        to = ticket.answer_to or ticket.requester
        silence = (ticket.silence or self.hush or ("" if ticket.answer_to else NO_ADDRESS)) if automatic else ""
        if not to.email or (automatic and not is_deliverable(to.email)):
            self.withheld = silence or NO_ADDRESS
            self.note("not_sent", "no sender address that can be written to")
            return
        self.withheld = silence

        def effects(ticket: Ticket) -> tuple[Effect, ...]:
            draft = self._draft(letter(ticket), to, Audience.CUSTOMER, ticket.language, cause, thread, automatic)
            if silence:
                return (Suppress(draft, silence),)
            if not automatic:
                return (Enqueue(draft),)
            instead = self._to_each(not_sent(ticket, draft.kind), ticket, staff_of(ticket, self.service), cause)
            return (Enqueue(draft, limited=True, otherwise=instead),)

        self.letters.append(effects)

    def to_staff(
        self,
        letter: Callable[[Ticket], StaffLetter],
        recipients: Iterable[str] | None = None,
        *,
        besides: str = "",
        if_held: Callable[[Ticket], StaffLetter] | None = None,
    ) -> None:
        """A notice to the assignee, else the team and each of the people, or to the given recipients: one draft each.

        `besides` is left out: the colleague who did what the notice tells of. `if_held` is what staff read where a limit held back
        the letter to the customer.
        """
        cause = self.cause

        def effects(ticket: Ticket) -> tuple[Effect, ...]:
            chosen = staff_of(ticket, self.service) if recipients is None else recipients
            who = [email for email in chosen if email.lower() != besides.lower()]
            drafts = self._to_each(letter(ticket), ticket, who, cause)
            held = self._to_each(if_held(ticket), ticket, who, cause) if if_held else (None,) * len(drafts)
            return tuple(Enqueue(draft, if_held=other) for draft, other in zip(drafts, held, strict=True))

        self.letters.append(effects)

    def _to_each(self, letter: StaffLetter, ticket: Ticket, recipients: Iterable[str], cause: str) -> tuple[Draft, ...]:
        names = {person.email.lower(): person.name for person in self.service.people}
        thread = Thread(ticket.subject)  # a notice stands in no thread of the customer's
        return tuple(
            self._draft(letter, Address(names.get(email, ""), email), Audience.STAFF, "pl", cause, thread, True)
            for email in dict.fromkeys(address.lower() for address in recipients)
        )

    def _draft(self, letter: Letter, to: Address, audience: Audience, language: str, cause: str, thread: Thread, automatic: bool) -> Draft:
        draft = Draft(letter, to, "", audience, language, thread, automatic, answers_mail=self.journal is not None)
        key = f"{draft.kind}:{cause}:{to.key}"
        self.keys[key] = count = self.keys.get(key, 0) + 1
        return replace(draft, key=key if count == 1 else f"{key}:{count}")

    # ---- the end ----

    def finish(self) -> Plan:
        """The plan: the ticket with its timers first, then history, letters and the rest."""
        effects: list[Effect] = [
            SaveTicket(self.ticket),
            SetTimers(self.ticket.id, self.ticket.cycle.number, timers_of(self.ticket, self.service), due_at(self.ticket, self.service)),
            *self.notes,
        ]
        if not self.ticket.asked:
            effects.append(CancelUnsent(self.ticket.id, QUESTION_KINDS, "the question is no longer open"))
        for make in self.letters:
            effects.extend(make(self.ticket))
        return Plan((*effects, *self.after), tuple(self.rules))


def due_at(ticket: Ticket, service: Service) -> datetime | None:
    """The deadline for starting the case; None while paused, and once staff took it up or it is not a case (yet)."""
    if ticket.status not in (Status.OPEN, Status.WAITING):
        return None
    return sla.due_at(ticket.cycle, service)


def may_wait(ticket: Ticket, service: Service) -> bool:
    """Whether the case may wait for the customer's answer (rule 8): its level may, and nobody is in danger."""
    return ticket.impact in service.sla.pause_levels and ticket.impact is not Impact.CRITICAL and Flag.DANGER not in ticket.flags


def waits_since(ticket: Ticket) -> datetime | None:
    """Since when a question stands for which case and customer wait. None in danger: people phone then, no letter reminds or closes."""
    return None if Flag.DANGER in ticket.flags else ticket.asked_at


def timers_of(ticket: Ticket, service: Service) -> tuple[Timer, ...]:
    """All that time will bring to a ticket as it stands: reminders to staff, and those to a customer who was asked."""
    if ticket.status not in (Status.OPEN, Status.WAITING):
        return ()
    staff = sla.stages(ticket.cycle, service)
    customer: tuple[Timer, ...] = ()
    if ticket.asked and (since := waits_since(ticket)):
        customer = sla.customer_timers(since, ticket.impact, service, ticket.questions)
    return (*staff, *customer)


def opens_at(service: Service, now: datetime) -> datetime | None:
    """When the desk opens, where it is closed now."""
    return None if working_time.is_open(service.calendar, now) else working_time.next_opening(service.calendar, now)


def staff_of(ticket: Ticket, service: Service) -> tuple[str, ...]:
    """Who is told about a ticket: the assignee, else the team and everyone with notices of their own."""
    return (ticket.assignee,) if ticket.assignee else whole_team(service)


def whole_team(service: Service) -> tuple[str, ...]:
    """The team's addresses and each of the people, once."""
    return tuple(dict.fromkeys(email.lower() for email in (*service.team, *(person.email for person in service.people))))


def answering(mail: Mail) -> Thread:
    """The thread of an answer to that mail (RFC 5322 3.6.4). For a customer's mail only: a colleague's refers to secret ids of notices."""
    own = (mail.message_id,) if mail.message_id else ()
    return Thread(mail.subject, mail.message_id, (*(mail.references or mail.in_reply_to), *own))


def _thread_of(ticket: Ticket) -> Thread:
    return Thread(ticket.subject, ticket.thread[-1] if ticket.thread else None, ticket.thread)
