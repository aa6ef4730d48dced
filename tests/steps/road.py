"""The road inside the test process: a real database, the real reading child, the real sender; the test is mailbox, server and clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from typing import Any

from sqlalchemy import text

from mailbot.model.service import Service
from mailbot.model.ticket import Ticket
from mailbot.rules.match import keys_of
from mailbot.rules.parse import parse
from mailbot.rules.signing import Signer
from mailbot.rules.templates import Templates
from mailbot.steps import process, sweep
from mailbot.steps.desk import Desk
from mailbot.steps.reader import Reader
from mailbot.steps.send import Sender
from mailbot.store import journal, tickets
from mailbot.store.engine import Database
from mailbot.store.journal import Arrival
from mailbot.templating import load_templates
from mailbot.wire.smtp import Outcome, Refused, Sent
from tests.build import a_service
from tests.crash.desk import HandClock
from tests.rules.outcome import BOSS

MARK = "the-mark-of-this-house"
SERVICE = a_service(managers=(BOSS,), staff_domains=("oxiprint.com",))


@cache
def _templates() -> Templates:
    return load_templates(None)


@dataclass
class Outlet:
    """A server that takes what it is given, but for the recipients that it refuses."""

    refuses: set[str] = field(default_factory=set)
    away: bool = False
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    def open(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing to hang up."""

    def send(self, envelope_from: str, recipient: str, mime: bytes) -> Outcome:
        """Takes it, or says that there is nobody."""
        if recipient in self.refuses:
            return Refused(550, "5.1.1", "no such user", "RCPT")
        self.taken.append((recipient, mime))
        return Sent("250 Ok")


@dataclass
class Road:
    """One desk. `deliver` puts a mail into the mailbox; `run` does all there is to do at this instant."""

    database: Database
    reader: Reader
    service: Service = SERVICE
    clock: HandClock = field(default_factory=HandClock)
    outlet: Outlet = field(default_factory=Outlet)
    uid: int = 0

    def __post_init__(self) -> None:
        signer = Signer(b"k" * 64, "key")
        self.desk = Desk(self.database, self.service, _templates(), signer, MARK, "this-machine", self.clock)
        self.sender = Sender(self.desk, lambda: self.outlet, "serwis@oxiprint.com", 10_000, lambda: 0.5)

    def deliver(self, raw: bytes, *, role: str = "inbox", at: datetime | None = None, partial: bool = False, size: int = 0) -> int:
        """The mail is in the mailbox, and stored; returns its number in the journal."""
        self.uid += 1
        now = self.clock.now()
        with self.database.write() as connection:
            watched = journal.watch(connection, "serwis", role, 1, answer_since=now - timedelta(days=400), now=now)
        sender = parse(raw).from_
        arrival = Arrival(self.uid, at or now, size or len(raw), raw, partial, sender.key if sender else "", parse(raw).message_id)
        journal.store(self.database, watched, role, [arrival], now=now)
        (row,) = self.rows("SELECT max(id) AS id FROM journal")
        return int(row["id"])

    def process(self) -> None:
        """Each stored mail has its consequence, or waits."""
        while process.one_pass(self.desk, self.reader):
            pass

    def send(self) -> None:
        """What is queued is handed over, and `decide` hears of it."""
        while not self.outlet.away and self.sender.one_pass():
            pass
        while sweep.settle(self.desk):
            pass

    def run(self) -> None:
        """All there is to do now."""
        self.process()
        self.send()
        while sweep.remind(self.desk):
            self.send()
        sweep.watch_breaker(self.desk)
        sweep.digest(self.desk)
        self.send()

    def say(self, raw: bytes, *, role: str = "inbox", **how: Any) -> int:
        """A mail comes, and everything follows."""
        number = self.deliver(raw, role=role, **how)
        self.run()
        return number

    def until(self, at: datetime, step: timedelta = timedelta(minutes=15)) -> None:
        """Time passes in steps, and everything follows."""
        while self.clock.shown < at:
            self.clock.shown = min(at, self.clock.shown + step)
            self.run()

    # ---- looking ----

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]

    def ticket(self, number: int = 1) -> Ticket:
        """The ticket of that running number."""
        with self.database.read() as connection:
            return tickets.find(connection, str(number))

    def tickets(self) -> list[Ticket]:
        with self.database.read() as connection:
            ids = [row["id"] for row in self.rows("SELECT id FROM ticket ORDER BY id")]
            return list(tickets.load(connection, ids))

    def mail(self, number: int) -> dict[str, Any]:
        """A row of the journal."""
        (row,) = self.rows(f"SELECT * FROM journal WHERE id = {number}")
        return row

    def letters(self, recipient: str, kind: str = "") -> list[EmailMessage]:
        """What the server took for a recipient, in order; of one kind of letter, if it is named."""
        ids = {row["message_id"] for row in self.rows(f"SELECT message_id FROM outbox WHERE kind = '{kind}'")} if kind else set()
        found = [message_from_bytes(mime, policy=default) for to, mime in self.outlet.taken if to == recipient]
        return [letter for letter in found if not kind or letter["Message-ID"] in ids]  # type: ignore[misc]

    def kinds(self, recipient: str) -> list[str]:
        """Kinds of the letters that the server took for a recipient, but for the morning's digest."""
        sent = self.rows(f"SELECT kind FROM outbox WHERE recipient = '{recipient}' AND state = 'sent' ORDER BY id")
        return [row["kind"] for row in sent if row["kind"] != "digest"]

    def told(self, ticket: int = 1) -> list[str]:
        """`kind recipient` of each notice about a ticket."""
        query = f"SELECT kind, recipient FROM outbox WHERE ticket_id = {ticket} AND audience = 'staff' ORDER BY id"
        return [f"{row['kind']} {row['recipient']}" for row in self.rows(query)]

    def history(self, ticket: int = 1) -> list[str]:
        return [row["what"] for row in self.rows(f"SELECT what FROM history WHERE ticket_id = {ticket} ORDER BY id")]

    def with_service(self, **changes: Any) -> Road:
        """The same road under another configuration."""
        return replace(self, service=replace(self.service, **changes))


def body(letter: EmailMessage) -> str:
    """The text part, its lines ended by a newline."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def words(letter: EmailMessage) -> str:
    """The text part as one line: for words that may be wrapped."""
    return " ".join(body(letter).split())


def signed_number(letter: EmailMessage, road: Road) -> str:
    """The ticket that a letter's Message-ID carries by signature."""
    mail = replace(parse(b"From: x@y.example\r\n\r\n"), in_reply_to=(str(letter["Message-ID"]),))
    return keys_of(mail, road.service, road.desk.signer).signed[0]
