"""The service as configured: who we are, when we work, what we promise, what we ask. Comes from the config alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from mailbot.model.facts import Impact
from mailbot.model.mail import Address


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount of working time: `hours` and `days`, a day being one opening day's hours (rule 9)."""

    days: int = 0
    hours: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the desk is open. Intervals are half-open [open, close) in local time of `zone`; days are sorted."""

    zone: str = "Europe/Warsaw"
    week: tuple[tuple[tuple[time, time], ...], ...] = (((time(8), time(17)),),) * 5 + ((),) * 2  # Monday first
    polish_holidays: bool = True
    closed_days: frozenset[date] = frozenset()
    open_days: tuple[tuple[date, tuple[tuple[time, time], ...]], ...] = ()  # extra openings; they beat a holiday


@dataclass(frozen=True, slots=True)
class Device:
    """A machine of ours that the catalogue lists."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague with notices of their own, who may command by mail."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Sla:
    """Reaction times (rule 9) and whose clock waits for the customer (rule 8)."""

    targets: tuple[tuple[Impact, Budget], ...] = (
        (Impact.CRITICAL, Budget(hours=2)),
        (Impact.HIGH, Budget(hours=6)),
        (Impact.MEDIUM, Budget(days=2)),
        (Impact.LOW, Budget(days=5)),
    )
    default_impact: Impact = Impact.MEDIUM
    pause_levels: frozenset[Impact] = frozenset({Impact.HIGH, Impact.MEDIUM, Impact.LOW})

    def target(self, impact: Impact) -> Budget:
        """The reaction time of a level."""
        return dict(self.targets)[impact]


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds on automatic mail to customers; over them a row is suppressed and staff are told."""

    per_address_hour: int = 6
    per_address_day: int = 20
    per_ticket_day: int = 6
    global_hour: int = 500
    flood_hour: int = 20  # mails of one sender within an hour; what comes above them is attached without a word


@dataclass(frozen=True, slots=True)
class Conversation:
    """How patient we are with a customer. Budgets are working time."""

    max_questions: int = 2
    remind_after: tuple[Budget, ...] = (Budget(days=2), Budget(days=5))
    close_after: Budget = Budget(days=10)
    reopen_within: timedelta = timedelta(days=30)
    join_within: Budget = Budget(days=3)
    mute_for: timedelta = timedelta(days=60)
    answer_forwarded: bool = False  # a forwarded customer's mail is answered to the customer even without a word for it


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that the rules know about the house. Picklable; built from the config, never from the database."""

    name: str = "Serwis OXIPRINT"
    address: str = "serwis@oxiprint.com"
    other_addresses: tuple[str, ...] = ()
    phone: str = "+48 22 871 32 13"
    direct_line_general: str = "+48 530 451 339"
    direct_line_ink: str = "+48 501 309 962"
    ticket_prefix: str = "OXI"
    privacy_url: str = ""
    calendar: Calendar = Calendar()
    team: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    staff_domains: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    forms: tuple[str, ...] = ()  # addresses of the company's own web forms: their requester is Reply-To
    authserv_id: str = ""  # ours (RFC 8601); empty: no verdict is trusted
    sla: Sla = Sla()
    limits: Limits = Limits()
    conversation: Conversation = Conversation()
    devices: tuple[Device, ...] = ()

    @property
    def own_addresses(self) -> frozenset[str]:
        """Addresses of the desk itself, lower case: never a customer, never written to automatically."""
        return frozenset(address.lower() for address in (self.address, *self.other_addresses))

    @property
    def own_phones(self) -> tuple[str, ...]:
        """Phone numbers of ours: never a customer's."""
        return (self.phone, self.direct_line_general, self.direct_line_ink)

    def is_staff(self, address: Address) -> bool:
        """Whether the address is a colleague's, by list or by domain (a From alone proves nothing: see commands)."""
        listed = {email.lower() for email in (*self.team, *self.managers, *(person.email for person in self.people))}
        return address.key in listed or address.domain in {domain.lower() for domain in self.staff_domains}

    def person(self, email: str) -> Person | None:
        """The colleague with that address."""
        return next((person for person in self.people if person.email.lower() == email.lower()), None)
