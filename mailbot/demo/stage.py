"""Where the scenes are played: mails are handed in, the daemon's database and the post office are watched, and all is shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from mailbot.clock import Clock
from mailbot.config import Settings
from mailbot.demo.household import SERVICE, Household
from mailbot.demo.post_office import HOST, DemoFailed, PostOffice
from mailbot.demo.scenes import Scene
from mailbot.demo.screen import Row, Screen
from mailbot.model.facts import Impact
from mailbot.model.letter import Audience
from mailbot.model.mail import Mail
from mailbot.model.ticket import Status, Ticket
from mailbot.rules import sla
from mailbot.rules.parse import parse
from mailbot.store import journal, outbox, tickets
from mailbot.store.engine import Database
from mailbot.wire.smtp import Sent, SmtpAccount, Submission

PATIENCE = 60.0  # real seconds for one thing to happen, on a slow machine
LOOK = 0.05  # real seconds between looks
_BREATH = 1.2  # real seconds between scenes for a person at a terminal


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter of mailbot that was delivered."""

    mail: Mail
    recipient: str
    kind: str
    by_staff: bool


@dataclass(slots=True)
class Stage:
    """Where the scenes are played: it hands mails in, watches the database and the post office, and shows what happens."""

    household: Household
    office: PostOffice
    screen: Screen
    settings: Settings
    clock: Clock
    database: Database
    letters: list[_Letter] = field(default_factory=list)
    told: int = 0  # letters that were shown
    last_mail: int = 0  # journal id of the last mail that was shown

    def play(self, scene: Scene) -> Row:
        """One mail, from the post to the last letter that it causes; returns its row in the journal."""
        raw = scene.raw(self.clock.now().astimezone(self.screen.zone), self._answered(scene))
        mail = parse(raw)
        self.screen.scene(self.clock.now(), scene.says)
        self.screen.mail(mail)
        post = Submission(SmtpAccount(HOST, self.office.smtp_port, security="none"))
        try:
            outcome = post.send(mail.from_.email if mail.from_ else "", SERVICE, raw)
        finally:
            post.close()
        if not isinstance(outcome, Sent):
            raise DemoFailed(f"the mail server of the demo did not take {scene.file}: {outcome.text}")
        self.wait(self._has_news, f"mailbot's decision on {scene.file}")
        row = self._next()
        self._tell_consequence(row)
        self.wait(lambda: self._is_settled(row["id"]), f"the letters that {scene.file} causes")
        self._tell_letters()
        if row["state"] == "held":
            raise DemoFailed(f"mailbot could not process {scene.file}: {row['error']}")
        return row

    def _answered(self, scene: Scene) -> Mail | None:
        """The letter that a scene is about: the last of its kind to its recipient."""
        if scene.about is None:
            return None
        letters = [letter.mail for letter in self.letters if (letter.kind, letter.recipient) == scene.about]
        if not letters:
            raise DemoFailed(f"mailbot sent no {scene.about[0]} to {scene.about[1]}, which {scene.file} is to answer")
        return letters[-1]

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until it is true. Raises DemoFailed when it takes too long or the daemon is gone."""
        until = Clock.monotonic() + seconds
        while not condition():
            self.household.check()
            if Clock.monotonic() > until:
                last = f"The daemon's last words ({self.household.log}):\n{self.household.last_words()}"
                raise DemoFailed(f"waited {seconds:.0f} s in vain for {what}. {last}")
            threading.Event().wait(LOOK)

    def breathe(self) -> None:
        """Let a person read, and show what happens meanwhile."""
        until = Clock.monotonic() + (_BREATH if self.screen.console.is_terminal else 0.0)
        while Clock.monotonic() < until:
            threading.Event().wait(LOOK)
            self._tell_when_quiet()

    def reminded(self, ticket_id: int) -> bool:
        """Whether staff were told that the ticket's time is over; shows letters as they come."""
        with self.database.read() as connection:
            done = {row["stage"] for row in tickets.timers_of(connection, ticket_id) if row["done_at"]}
        return self._tell_when_quiet() and f"{sla.STAFF_STAGE}100" in done

    def stay_open(self) -> None:
        """Show what people write in, until Ctrl-C."""
        try:
            while True:
                self.household.check()
                if self._has_news():
                    self._tell_mail()
                self._tell_when_quiet()
                threading.Event().wait(LOOK)
        except KeyboardInterrupt:
            return

    def _tell_mail(self) -> None:
        row = self._next()
        with self.database.read() as connection:
            raw = journal.raw_bytes(connection, row["id"])
        self.screen.scene(self.clock.now(), "A mail came in.")
        self.screen.mail(parse(raw or b""))
        self._tell_consequence(row)

    def _has_news(self) -> bool:
        """Whether the mail behind the last one that was shown has its consequence; they are shown in the order of the journal."""
        with self.database.read() as connection:
            row = journal.find(connection, self.last_mail + 1)
        return row is not None and row["state"] != "new"

    def _next(self) -> Row:
        self.last_mail += 1
        with self.database.read() as connection:
            row = journal.find(connection, self.last_mail)
        if row is None:
            raise DemoFailed(f"mail {self.last_mail} is not in the journal")
        return {str(name): value for name, value in row.items()}

    def _tell_consequence(self, row: Row) -> None:
        with self.database.read() as connection:
            found = tickets.load(connection, [row["ticket_id"]]) if row["ticket_id"] else ()
        ticket = found[0] if found else None
        self.screen.consequence(row, ticket, self._starts_by(ticket) if ticket else "")

    def _starts_by(self, ticket: Ticket) -> str:
        service = self.settings.service
        if ticket.status not in (Status.OPEN, Status.WAITING):
            return f"- ({ticket.status})"
        if ticket.asked and ticket.impact in service.sla.pause_levels:
            return f"the clock waits for the customer ({ticket.impact} impact)"
        due_at = sla.due_at(ticket.cycle, service)
        never = ", which waits for nobody" if ticket.asked and ticket.impact is Impact.CRITICAL else ""
        return f"{self.screen.time(due_at) if due_at else '-'} ({ticket.impact} impact{never})"

    def _is_settled(self, journal_id: int) -> bool:
        """Whether each letter that a mail caused met its end, and those that were sent arrived."""
        self._collect()
        with self.database.read() as connection:
            rows = outbox.of_mail(connection, journal_id)
        arrived = {letter.mail.message_id for letter in self.letters}
        return all(row["message_id"] in arrived if row["state"] == "sent" else row["state"] not in ("queued", "sending") for row in rows)

    def _collect(self) -> None:
        """Take from the post office what was delivered."""
        while not self.office.delivered.empty():
            delivery = self.office.delivered.get()
            mail = parse(delivery.raw)
            with self.database.read() as connection:
                known = outbox.sent_mails(connection, [mail.message_id] if mail.message_id else [])
            kind, by_staff = (known[0].kind, known[0].audience == Audience.STAFF) if known else ("letter", False)
            self.letters.append(_Letter(mail, delivery.recipient, kind, by_staff))

    def _tell_when_quiet(self) -> bool:
        """Show letters unless others are on their way, so that one to several colleagues is shown as one; true: all were shown."""
        with self.database.read() as connection:
            waiting = outbox.counts(connection)
        if waiting.get("queued") or waiting.get("sending"):
            return False
        self._tell_letters()
        return True

    def _tell_letters(self) -> None:
        """Show what was delivered since the last call; one letter to several colleagues as one."""
        self._collect()
        fresh, self.told = self.letters[self.told :], len(self.letters)
        for (kind, by_staff, _), group in groupby(fresh, key=lambda letter: (letter.kind, letter.by_staff, letter.mail.subject)):
            letters = list(group)
            self.screen.letter(letters[0].mail, kind, [letter.recipient for letter in letters], by_staff=by_staff)
