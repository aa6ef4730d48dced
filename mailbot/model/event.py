"""The four things that happen to a service desk. `rules/decide.py` answers each with a Plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.model.command import Command
from mailbot.model.deadline import Timer
from mailbot.model.facts import Reading
from mailbot.model.mail import Mail, Report
from mailbot.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class MailArrived:
    """A stored mail, read. `arrived_at` is INTERNALDATE; `journal` its row."""

    journal: int
    arrived_at: datetime
    mail: Mail
    verdict: Verdict
    reading: Reading


@dataclass(frozen=True, slots=True)
class StaffCommand:
    """A colleague acts, by the command line or by mail; `actor` is shown in the history."""

    actor: str
    command: Command
    journal: int | None = None  # the mail that carried it


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Timers of one ticket that are due, oldest first."""

    timers: tuple[Timer, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """The SMTP server accepted an automatic mail to the customer."""

    outbox: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A mail of ours was not delivered: refused by the server (`report` None), suppressed, or bounced later."""

    outbox: int
    kind: str
    recipient: str
    at: datetime
    reason: str
    report: Report | None = None


Event = MailArrived | StaffCommand | TimePassed | Delivered | DeliveryFailed
