"""What follows from a mail, by the policy and the rules, laid out for one-line assertions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailbot.model.event import MailArrived
from mailbot.model.known import Known, SentMail
from mailbot.model.letter import Audience, Draft, Letter
from mailbot.model.plan import Conclude, Enqueue, Note, Plan, SaveTicket, SetTimers, Suppress
from mailbot.model.service import Service
from mailbot.model.ticket import Ticket
from mailbot.rules.arrivals import Situation, course_of
from mailbot.rules.decide import Identity, decide_mail, opens_ticket
from mailbot.rules.match import Evidence, Match
from tests.build import a_service

NOW = datetime(2026, 10, 12, 7, 1, tzinfo=UTC)  # Monday 9:01 in Warsaw
BOSS = "szef@oxiprint.com"
TEAM = ("technik@oxiprint.com", "jan@oxiprint.com")
HOUSE = a_service(managers=(BOSS,))


@dataclass(frozen=True)
class Outcome:
    """A plan, read."""

    plan: Plan

    @property
    def ticket(self) -> Ticket:
        return next(effect.ticket for effect in self.plan.effects if isinstance(effect, SaveTicket))

    @property
    def concluded(self) -> Conclude:
        (found,) = (effect for effect in self.plan.effects if isinstance(effect, Conclude))
        return found

    @property
    def test(self) -> str:
        """The line of the policy that hit."""
        return self.plan.rules[0]

    @property
    def drafts(self) -> list[Draft]:
        return [effect.draft for effect in self.plan.effects if isinstance(effect, Enqueue)]

    @property
    def sent(self) -> list[str]:
        """Kinds of the letters to the customer."""
        return [draft.kind for draft in self.drafts if draft.audience is Audience.CUSTOMER]

    @property
    def to_staff(self) -> list[str]:
        """`kind recipient` of each notice."""
        return [f"{draft.kind} {draft.to.key}" for draft in self.drafts if draft.audience is Audience.STAFF]

    @property
    def told(self) -> list[str]:
        """Who is told."""
        return [draft.to.key for draft in self.drafts if draft.audience is Audience.STAFF]

    @property
    def suppressed(self) -> list[tuple[str, str]]:
        return [(effect.draft.kind, effect.reason) for effect in self.plan.effects if isinstance(effect, Suppress)]

    def letter(self, kind: str) -> Any:
        """The first letter of that kind."""
        found: Letter = next(draft.letter for draft in self.drafts if draft.kind == kind)
        return found

    @property
    def history(self) -> list[str]:
        return [f"{effect.what}: {effect.text}" for effect in self.plan.effects if isinstance(effect, Note)]

    @property
    def stages(self) -> list[str]:
        return [timer.stage for effect in self.plan.effects if isinstance(effect, SetTimers) for timer in effect.timers]

    @property
    def due_at(self) -> datetime | None:
        return next(effect.due_at for effect in self.plan.effects if isinstance(effect, SetTimers))


def what_follows(
    event: MailArrived,
    ticket: Ticket | None = None,
    *,
    by: Evidence = Evidence.SIGNED,
    known: Known | None = None,
    service: Service = HOUSE,
    role: str = "inbox",
    history: bool = False,
    moved_to: str = "",
    linked: tuple[Ticket, ...] = (),
    now: datetime = NOW,
) -> Outcome:
    """The plan for a mail that `ticket` was found for, if any, by that evidence."""
    known = known or Known(tickets=(ticket,) if ticket else ())
    match = Match(ticket, "a reason", linked, by if ticket else Evidence.NONE)
    situation = Situation(event, match, known, service, role, history, moved_to)
    test = course_of(situation)
    identity = Identity(7, "OXI-2026-000007") if opens_ticket(test.course) else None
    return Outcome(decide_mail(situation, test, identity, now))


def a_notice(recipient: str = "jan@oxiprint.com", *, kind: str = "new_ticket", ticket: int | None = 1, audience: str = "staff") -> SentMail:
    """A letter of ours that somebody refers to, as `<notice>`."""
    return SentMail(5, ticket, kind, audience, recipient, "<notice>", NOW)
