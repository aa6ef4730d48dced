"""The laws, whatever happens in whatever order: mails of all kinds, staff, time, letters that arrive, fail and bounce, restarts.

Rules, letters, store and steps are the real ones, on a real SQLite file; only reading is replaced: what a mail says is drawn, not read.
MAILBOT_EXAMPLES=500 makes a long night of it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailbot.errors import Permanent
from mailbot.model.command import Command, Verb
from mailbot.model.facts import Flag, Impact, Reading
from mailbot.model.mail import Address, DeliveryStatus, Mail, MailKind, Report
from mailbot.model.ticket import TRANSITIONS, Status, Ticket
from mailbot.model.verdict import Verdict
from mailbot.rules.planning import WrongTurn, due_at, timers_of
from mailbot.rules.working_time import is_open
from mailbot.steps import staff, sweep
from mailbot.steps.reader import Examined, ReadMail
from mailbot.store import journal, outbox
from mailbot.store.engine import Database
from mailbot.store.migrate import upgrade
from tests.build import NOTHING, a_mail, a_reading
from tests.steps.road import Road

EXAMPLES = int(os.environ.get("MAILBOT_EXAMPLES", "8"))
CUSTOMERS = ("ewa@lis.example", "piotr@druk.example", "no-reply@sklep.example")
JAN = "jan@oxiprint.com"
FACTS = {"first_name": "Ewa", "last_name": "Lis", "company": "Druk Lis", "device": "OXIJET 3200", "description": "nie drukuje"}
FLAGS = (Flag.THANKS_ONLY, Flag.PROMISE_ONLY, Flag.ANNOYED, Flag.DOES_NOT_KNOW, Flag.SAME_AGAIN, Flag.FORGOT_SOMETHING, Flag.DANGER)
COMMANDS = (Verb.START, Verb.CLOSE, Verb.REOPEN, Verb.ACCEPT, Verb.DISMISS, Verb.NOTE, Verb.REPLY, Verb.STATUS)

said = st.fixed_dictionaries({name: st.sampled_from((value, None)) for name, value in FACTS.items()})
levels = st.none() | st.sampled_from([level.value for level in Impact])
flags = st.lists(st.sampled_from(FLAGS), max_size=1).map(tuple)
chance = st.integers(0, 999)


@dataclass
class Script:
    """What each mail says, by its raw bytes: it stands in for the reading child."""

    mails: dict[bytes, tuple[Examined, Reading]] = field(default_factory=dict)

    def examine(self, mails: list[tuple[bytes, bool]]) -> list[Examined]:
        """As it was drawn."""
        return [self.mails[raw][0] for raw, _ in mails]

    def read(self, jobs: list[tuple[Examined, object]]) -> list[ReadMail]:
        """As it was drawn."""
        by_id = {seen.mail.message_id: reading for seen, reading in self.mails.values()}
        return [ReadMail(by_id[seen.mail.message_id], seen.verdict) for seen, _ in jobs]


class Desk(RuleBasedStateMachine):
    """A service desk and all that can happen to it."""

    @initialize()
    def open_house(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mailbot-laws-"))
        shutil.copy(_migrated(), self.folder / "mailbot.db")
        self.script = Script()
        self.statuses: dict[int, Status] = {}
        self.done: set[tuple[int, int, str]] = set()
        self.count = 0
        self.road = self._start()

    def _start(self, former: Road | None = None) -> Road:
        database = Database(f"sqlite:///{self.folder / 'mailbot.db'}")
        if former is None:
            return Road(database, self.script)  # type: ignore[arg-type]
        return replace(former, database=database)

    def teardown(self) -> None:
        if hasattr(self, "road"):
            self.road.database.close()
            shutil.rmtree(self.folder)

    # ---- mails ----

    def _mail(
        self,
        mail: Mail,
        kind: MailKind = MailKind.REQUEST,
        reading: Reading | None = None,
        *,
        role: str = "inbox",
    ) -> None:
        self.count += 1
        message_id = f"<m{self.count}@outside.example>"
        raw = f"From: {mail.from_.email if mail.from_ else ''}\r\nMessage-ID: {message_id}\r\n\r\n{self.count}".encode()
        mail = replace(mail, message_id=message_id, content_key=f"{self.count:064d}")
        silence = "nadawca jest programem" if mail.from_ and mail.from_.email.startswith("no-reply") else None
        self.script.mails[raw] = (Examined(mail, Verdict(kind, "drawn", "", silence)), reading or a_reading(**NOTHING))
        self.road.deliver(raw, role=role)

    def _customer(self, at: int) -> str:
        return CUSTOMERS[at % len(CUSTOMERS)]

    def _letters(self, audience: str) -> list[dict[str, Any]]:
        return self.road.rows(
            f"SELECT * FROM outbox WHERE audience = '{audience}' AND state = 'sent' AND ticket_id IS NOT NULL ORDER BY id"
        )

    @rule(who=chance, facts=said, impact=levels, flags=flags)
    def a_request(self, who: int, facts: dict[str, str | None], impact: str | None, flags: tuple[Flag, ...]) -> None:
        customer = self._customer(who)
        reading = a_reading(*flags, **{**facts, "impact": impact})
        self._mail(a_mail(sender=customer, subject=f"sprawa {who}"), reading=reading)
        self.road.process()

    @precondition(lambda self: self._letters("customer"))
    @rule(which=chance, facts=said, impact=levels, flags=flags, wait=st.booleans())
    def an_answer(self, which: int, facts: dict[str, str | None], impact: str | None, flags: tuple[Flag, ...], wait: bool) -> None:
        letters = self._letters("customer")
        letter = letters[which % len(letters)]
        sender = letter["recipient"] if which % 4 else "kolega@gmail.com"
        mail = a_mail(sender=sender, subject=f"Re: {letter['subject']}", in_reply_to=(letter["message_id"],))
        self._mail(mail, reading=a_reading(*flags, **{**facts, "impact": impact}))
        if not wait:
            self.road.process()

    @rule(who=chance, flags=flags, facts=said)
    def the_same_again(self, who: int, flags: tuple[Flag, ...], facts: dict[str, str | None]) -> None:
        mail = a_mail(sender=self._customer(2 * who), subject=f"sprawa {who}")
        self._mail(mail, reading=a_reading(*flags, **{**facts, "description": None, "impact": None}))
        self.road.process()

    @precondition(lambda self: self._letters("customer"))
    @rule(which=chance, kind=st.sampled_from((MailKind.AUTO_REPLY, MailKind.BULK, MailKind.OWN)), impact=levels)
    def a_machine_answers(self, which: int, kind: MailKind, impact: str | None) -> None:
        letters = self._letters("customer")
        letter = letters[which % len(letters)]
        self.road.process()
        before = self._tickets()
        self._mail(a_mail(sender=letter["recipient"], in_reply_to=(letter["message_id"],)), kind, a_reading(impact=impact))
        self.road.process()
        after = self._tickets()
        assert {key: replace(ticket, version=0) for key, ticket in after.items()} == {
            key: replace(ticket, version=0) for key, ticket in before.items()
        }

    @precondition(lambda self: self._letters("customer"))
    @rule(which=chance, status=st.sampled_from(("5.1.1", "5.2.2", "4.4.1")), named=st.booleans())
    def a_letter_bounces(self, which: int, status: str, named: bool) -> None:
        letters = self._letters("customer")
        letter = letters[which % len(letters)]
        action = "delayed" if status.startswith("4") else "failed"
        ids = (letter["message_id"],) if named else ()
        report = Report("delivery-status", (DeliveryStatus(letter["recipient"], action, status, "no"),), ids)
        self._mail(a_mail(sender="mailer-daemon@mx.example", report=report), MailKind.BOUNCE)
        self.road.process()

    @rule(who=chance)
    def a_stranger_with_a_number(self, who: int) -> None:
        self._mail(a_mail(sender=f"obcy{who % 3}@gmail.com", subject=f"Re: [OXI-2026-{1 + who % 5:06d}] awaria"))
        self.road.process()

    # ---- staff ----

    @precondition(lambda self: self._letters("staff"))
    @rule(which=chance, verb=st.sampled_from(("rozpocznij", "zamknij", "wznów", "wpływ niski", "wpływ krytyczny", "byłem u klienta")))
    def a_colleague_answers_a_notice(self, which: int, verb: str) -> None:
        letters = self._letters("staff")
        letter = letters[which % len(letters)]
        reading = replace(a_reading(**NOTHING), new_text=verb)
        self._mail(a_mail(sender=JAN, in_reply_to=(letter["message_id"],), subject=letter["subject"]), MailKind.STAFF, reading)
        self.road.process()

    @precondition(lambda self: self._letters("customer"))
    @rule(which=chance)
    def a_colleague_writes_to_the_customer(self, which: int) -> None:
        letters = self._letters("customer")
        letter = letters[which % len(letters)]
        to = (Address("", letter["recipient"]),)
        self._mail(a_mail(sender="serwis@oxiprint.com", to=to, in_reply_to=(letter["message_id"],)), MailKind.STAFF, role="sent")
        self.road.process()

    @precondition(lambda self: self._tickets())
    @rule(which=chance, verb=st.sampled_from(COMMANDS), level=levels)
    def a_command(self, which: int, verb: Verb, level: str | None) -> None:
        self.count += 1
        command = Command(Verb.IMPACT, level) if level and which % 2 else Command(verb, "tekst")
        if which % 5 == 0:
            command = Command(Verb.SET, fields=(("company", "Z telefonu"),))
        numbers = [ticket.number for ticket in self._tickets().values()]
        try:
            staff.carry_out(self.road.desk, numbers[which % len(numbers)], command, "root", f"command:{self.count}")
        except WrongTurn as refused:
            assert str(refused)  # noqa: PT017  # a refusal has its words

    @precondition(lambda self: len(self._tickets()) > 1)
    @rule(one=chance, other=chance)
    def two_tickets_are_one(self, one: int, other: int) -> None:
        numbers = [ticket.number for ticket in self._tickets().values()]
        try:
            staff.merge(self.road.desk, numbers[one % len(numbers)], numbers[other % len(numbers)], "root")
        except WrongTurn as refused:
            assert str(refused)  # noqa: PT017

    @precondition(lambda self: self._tickets())
    @rule(which=chance, where=chance)
    def a_mail_is_moved(self, which: int, where: int) -> None:
        mails = self.road.rows("SELECT id FROM journal WHERE state = 'done'")
        numbers = ["new", *(ticket.number for ticket in self._tickets().values())]
        try:
            staff.move(self.road.desk, mails[which % len(mails)]["id"], numbers[where % len(numbers)], "root")
        except Permanent as refused:
            assert str(refused)  # noqa: PT017
        self.road.process()

    # ---- time and delivery ----

    @rule(minutes=st.sampled_from((1, 20, 60, 240, 1000, 4000, 15000)))
    def time_passes(self, minutes: int) -> None:
        self.road.clock.turn(timedelta(minutes=minutes))
        self.road.run()

    @rule()
    def letters_go_out(self) -> None:
        self.road.send()

    @rule(who=chance)
    def a_customer_is_refused_for_a_while(self, who: int) -> None:
        self.road.outlet.refuses = {self._customer(who)}
        self.road.send()
        self.road.outlet.refuses = set()

    @rule()
    def the_server_is_away_or_back(self) -> None:
        self.road.outlet.away = not self.road.outlet.away

    @rule()
    def a_restart(self) -> None:
        self.road.database.close()
        self.road = self._start(self.road)
        now = self.road.clock.now()
        with self.road.database.write() as connection:
            journal.recover(connection, self.road.desk.holder, now=now)
            outbox.recover(connection, now=now, holder=self.road.desk.holder)
        sweep.one_pass(self.road.desk)

    # ---- the laws ----

    def _tickets(self) -> dict[int, Ticket]:
        return {ticket.id: ticket for ticket in self.road.tickets()} if hasattr(self, "road") else {}

    @invariant()
    def each_mail_has_exactly_one_consequence(self) -> None:
        if not hasattr(self, "road"):
            return
        on_tickets = Counter(row["journal_id"] for row in self.road.rows("SELECT journal_id FROM message WHERE journal_id IS NOT NULL"))
        opened = {row["journal_id"] for row in self.road.rows("SELECT journal_id FROM ticket_number WHERE journal_id IS NOT NULL")}
        for row in self.road.rows("SELECT id, state, consequence, reason, ticket_id, error FROM journal"):
            assert row["state"] in ("new", "done"), row["error"]
            if row["state"] == "new":
                assert on_tickets[row["id"]] == 0
            elif row["consequence"] == "ignored":
                assert (on_tickets[row["id"]], bool(row["reason"])) == (0, True)
            else:
                assert (on_tickets[row["id"]], row["ticket_id"] is not None) == (1, True)
                assert row["consequence"] == "attached" or row["id"] in opened

    @invariant()
    def a_letter_is_delivered_once_or_has_a_reason_why_not(self) -> None:
        if not hasattr(self, "road"):
            return
        taken = Counter(mime for _, mime in self.road.outlet.taken)
        assert set(taken.values()) <= {1}
        rows = self.road.rows("SELECT key, state, reason, mime, automatic, audience, recipient, journal_id FROM outbox")
        machines = {row["id"] for row in self.road.rows("SELECT id FROM journal WHERE kind IN ('auto_reply', 'bulk', 'bounce', 'own')")}
        for row in rows:
            assert (row["mime"] in taken) == (row["state"] == "sent") or row["state"] == "failed"  # failed: refused, or bounced later
            assert row["state"] not in ("suppressed", "superseded") or row["reason"]
            assert row["state"] not in ("suppressed", "superseded") or row["mime"] not in taken
            if row["audience"] == "customer":
                assert row["journal_id"] not in machines or row["state"] == "suppressed", "an automatic answer to a machine"
                assert not (row["automatic"] and row["recipient"].startswith("no-reply") and row["mime"] in taken)
        assert len({row["key"] for row in rows}) == len(rows)

    @invariant()
    def a_reminder_is_neither_missing_nor_double(self) -> None:
        if not hasattr(self, "road"):
            return
        timers = self.road.rows("SELECT ticket_id, cycle, stage, at, done_at FROM timer")
        done = {(row["ticket_id"], row["cycle"], row["stage"]) for row in timers if row["done_at"] is not None}
        assert self.done <= done, "what was done is not undone"
        self.done = done
        told = Counter(
            (row["ticket_id"], stage)
            for row in self.road.rows("SELECT ticket_id, text FROM history WHERE what = 'reminder'")
            for stage in row["text"].split(", ")
        )
        assert told == Counter((ticket, stage) for ticket, _, stage in done if stage.startswith("sla:"))
        tickets = self._tickets()
        waiting: dict[int, set[str]] = {key: set() for key in tickets}
        for row in timers:
            if row["done_at"] is None:
                waiting[row["ticket_id"]].add(row["stage"])
        for key, ticket in tickets.items():
            cycles = {ticket.cycle.number: ("sla:", "customer:")}  # the customer is reminded of a question once, whatever the cycle
            already = {stage for owner, cycle, stage in done if owner == key and stage.startswith(cycles.get(cycle, "customer:"))}
            assert waiting[key] == {timer.stage for timer in timers_of(ticket, self.road.service)} - already

    @rule()
    def nothing_is_left_when_all_is_done(self) -> None:
        """After a look at everything in opening hours, no reminder is due and no stored mail waits."""
        self.road.run()
        now = self.road.clock.now()
        if is_open(self.road.service.calendar, now):
            micro = int(now.timestamp() * 1e6)
            assert self.road.rows(f"SELECT * FROM timer WHERE done_at IS NULL AND at <= {micro}") == []
        assert self.road.rows(f"SELECT id FROM journal WHERE state = 'new' AND next_at <= {int(now.timestamp() * 1e6)}") == []

    @invariant()
    def tickets_are_what_they_can_be(self) -> None:
        columns = {row["id"]: row for row in self.road.rows("SELECT id, status, due_at FROM ticket")} if hasattr(self, "road") else {}
        for key, ticket in self._tickets().items():
            expected = due_at(ticket, self.road.service)
            assert columns[key]["due_at"] == (None if expected is None else int(expected.timestamp() * 1e6))
            assert (ticket.status is Status.WAITING) == (ticket.asked_at is not None)
            assert ticket.asked or ticket.asked_at is None
            assert set(ticket.asked) <= set(ticket.missing)
            assert ticket.questions <= self.road.service.conversation.max_questions
            paused = bool(ticket.cycle.pauses) and ticket.cycle.pauses[-1].end is None
            assert not paused or ticket.status is Status.WAITING
            assert (ticket.status is Status.STARTED) <= (ticket.started_at is not None)
            assert (ticket.closed_at is not None) == (ticket.status is Status.CLOSED)
            assert ticket.impact is not Impact.CRITICAL or ticket.closed_why != "no answer to our question"
            before = self.statuses.get(key, ticket.status)
            assert before is ticket.status or ticket.status in TRANSITIONS[before] | {
                s for way in TRANSITIONS[before] for s in TRANSITIONS[way]
            }
            self.statuses[key] = ticket.status

    @invariant()
    def the_database_is_whole(self) -> None:
        if hasattr(self, "road"):
            assert self.road.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
            assert self.road.rows("PRAGMA foreign_key_check") == []


_EMPTY: list[Path] = []


def _migrated() -> Path:
    """One empty, migrated file to copy."""
    if not _EMPTY:
        file = Path(tempfile.mkdtemp(prefix="mailbot-laws-empty-")) / "mailbot.db"
        database = Database(f"sqlite:///{file}")
        upgrade(database)
        database.close()
        _EMPTY.append(file)
    return _EMPTY[0]


TestLaws = Desk.TestCase
TestLaws.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    derandomize=EXAMPLES <= 8,
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in Phase if EXAMPLES > 8 or phase is not Phase.shrink],  # to shrink takes minutes
)
