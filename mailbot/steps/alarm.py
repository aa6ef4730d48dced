"""A word to staff about the desk itself. The log says the same: mail that reports "mail is broken" is not an alarm by itself."""

from __future__ import annotations

from mailbot.model.letter import Alarm, Audience, Draft
from mailbot.model.mail import Address
from mailbot.model.plan import Enqueue, Plan
from mailbot.rules.planning import whole_team
from mailbot.steps.desk import Desk
from mailbot.store import outbox
from mailbot.store.engine import Connection


def raise_alarm(connection: Connection, desk: Desk, key: str, headline: str, lines: tuple[str, ...], *, managers: bool = False) -> None:
    """Queue the alarm to the team, in the caller's transaction; once for ever a key."""
    now = desk.clock.now()
    recipients = dict.fromkeys((*whole_team(desk.service), *((email.lower() for email in desk.service.managers) if managers else ())))
    drafts = [
        Draft(Alarm(headline, lines), Address("", email), f"{key}:{email}", Audience.STAFF, answers_mail=False) for email in recipients
    ]
    plan = Plan(tuple(Enqueue(draft) for draft in drafts))
    desk.carry_out(connection, plan, now)


def is_raised(connection: Connection, desk: Desk, key: str) -> bool:
    """Whether the alarm of that key was queued already."""
    return any(outbox.key_exists(connection, f"{key}:{email}") for email in whole_team(desk.service))
