"""Weeks of a desk by an injected clock: every reminder, digest and customer's letter is the one that an independent oracle expects.

Real SQLite, the real reading child, the real steps; the test is the mailbox, the mail server, the colleagues and the clock.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest

from mailbot.model.command import Command, Verb
from mailbot.model.service import Service
from mailbot.steps import staff, sweep
from mailbot.steps.reader import Reader
from mailbot.store.engine import Database
from mailbot.store.migrate import upgrade
from tests.steps.road import MARK, SERVICE, Road
from tests.support.week_oracle import GRACE, LIVING, Book, Hours, Overview, Told
from tests.system.letters import SYMPTOM, mail, reply, text_of

pytestmark = pytest.mark.slow

WARSAW = ZoneInfo("Europe/Warsaw")
JAN = "jan@oxiprint.com"
LEVELS = {"critical": "krytyczny", "high": "wysoki", "medium": "średni", "low": "niski"}
LINES = {"company": "Nazwa firmy: Drukarnia Lis sp. z o.o.", "device": "Nazwa urządzenia: OXIJET 3200"}
DAYS = 20  # an unanswered question ends after ten working days
MERGED = re.compile(r"zastępuje też (\d+)")
SECTIONS = ("Po terminie", "Termin dzisiaj", "Czekają na odpowiedź klienta", "Do sprawdzenia")
LISTED = 8  # a digest names so many tickets of a section, and counts the others

Act = Callable[["World", "Life"], None]
Heard = Callable[[int, int], None]  # tells the book of a mail, with the minute of its arrival and its number in the journal


@dataclass
class Life:
    """One customer with one case."""

    email: str
    level: str
    missing: tuple[str, ...] = ()
    by_colleague: bool = False
    number: str = ""
    first: bytes = b""
    last_letter: bytes = b""


@dataclass
class World:
    """The desk, its book, and what lies between them: letters taken by the mail server, mails that wait while the desk is down."""

    road: Road
    book: Book
    down: tuple[int, int] = (0, 0)
    now: int = 0
    mailbox: list[tuple[int, str, bytes, Heard]] = field(default_factory=list)
    taken: list[tuple[int, str, bytes]] = field(default_factory=list)  # minute, recipient, bytes
    rows: dict[str, dict[str, object]] = field(default_factory=dict)  # of the outbox, by Message-ID
    lives: dict[str, Life] = field(default_factory=dict)  # by the customer's address

    @property
    def is_down(self) -> bool:
        return self.down[0] <= self.now < self.down[1]

    def turn(self, minute: int) -> None:
        self.now, self.road.clock.shown = minute, self.book.hours.at(minute)

    def status(self, life: Life) -> str:
        """As the book has it; empty before the first mail is read."""
        return self.book.cases[life.number].status if life.number else ""

    def write(self, raw: bytes, then: Heard, role: str = "inbox") -> None:
        """A mail comes to the mailbox; the book hears of it when the desk has read it."""
        self.mailbox.append((self.now, role, raw, then))
        if not self.is_down:
            self.read(self.fetch())

    def fetch(self) -> list[tuple[Heard, int, int]]:
        """What lies in the mailbox is stored."""
        stored = [(then, at, self.road.deliver(raw, role=role, at=self.book.hours.at(at))) for at, role, raw, then in self.mailbox]
        self.mailbox.clear()
        return stored

    def read(self, stored: list[tuple[Heard, int, int]]) -> None:
        """Read, decide, send: what the daemon does as soon as a mail comes."""
        self.road.process()
        for then, at, journal in stored:
            then(at, journal)
        self.send()

    def command(self, life: Life, verb: Verb, argument: str = "", fields: tuple[tuple[str, str], ...] = ()) -> None:
        """A colleague, on the command line."""
        staff.carry_out(self.road.desk, life.number, Command(verb, argument, fields), "anna", f"act:{life.number}:{verb}:{self.now}")
        if not self.is_down:
            self.send()

    def send(self) -> None:
        """The mail server takes what is queued; the book hears of each question that it took."""
        before = len(self.road.outlet.taken)
        self.road.send()
        for recipient, mime in self.road.outlet.taken[before:]:
            self.taken.append((self.now, recipient, mime))
            if life := self.lives.get(recipient):
                life.last_letter = mime
                if self.row(mime)["kind"] == "question":
                    asked = self.road.ticket(int(life.number[-6:])).asked
                    self.book.asked(life.number, self.now, frozenset(item.value for item in asked))

    def row(self, mime: bytes) -> dict[str, object]:
        """The row of a letter that was taken."""
        message_id = id_of(mime)
        if message_id not in self.rows:
            query = f"SELECT * FROM outbox LEFT JOIN ticket_number n ON n.id = ticket_id WHERE outbox.id > {len(self.rows)}"
            self.rows |= {row["message_id"]: row for row in self.road.rows(query)}
        return self.rows[message_id]

    def look(self) -> None:
        """The sweeper's tick. The first one after a standstill comes before anything has been read."""
        if self.mailbox:
            stored = self.fetch()
            self.sweep(unread=True)
            self.read(stored)
        self.sweep()

    def sweep(self, *, unread: bool = False) -> None:
        self.book.look(self.now, unread=unread)
        for _ in range(30):
            if not sweep.one_pass(self.road.desk):
                return
            self.send()
        raise AssertionError("the sweeper finds something to do for ever")


def id_of(mime: bytes) -> str:
    """A letter's Message-ID."""
    found = re.search(rb"^Message-ID:\s*(<[^>]+>)", mime, re.MULTILINE)
    assert found
    return found[1].decode()


# ---- what happens to cases ----------------------------------------------------------------------------------------


def opens(world: World, life: Life) -> None:
    """The first mail; a colleague's names no customer and is to be reviewed."""
    subject = f"Sprawa {life.email.partition('@')[0]}"
    if life.by_colleague:
        life.first = mail(f"Jan Nowak <{JAN}>", subject, "Dzień dobry, proszę zamówić papier do biura. Jan")
    else:
        lines = [line for name, line in {**LINES, "impact": impact_line(life.level)}.items() if name not in life.missing]
        text = "\n".join(("Dzień dobry,", "", "Imię i nazwisko: Ewa Lis", f"Opis problemu: {SYMPTOM}", *lines, "", "Pozdrawiam"))
        life.first = mail(f"Ewa Lis <{life.email}>", subject, text)

    def then(at: int, journal: int) -> None:
        (row,) = world.road.rows(f"SELECT number FROM ticket_number WHERE journal_id = {journal}")
        life.number = row["number"]
        level = "medium" if life.by_colleague or "impact" in life.missing else life.level
        world.book.opened(life.number, at, level, life.email, review=life.by_colleague)

    world.write(life.first, then)


def impact_line(level: str) -> str:
    return f"Wpływ na działalność: {LEVELS[level]}"


def answers(world: World, life: Life, *, half: bool = False) -> None:
    """The customer answers our last letter: with all that it asks for, half of it, or a word when nothing is asked."""
    if not life.last_letter or life.email in world.road.outlet.refuses:
        return
    asks = sorted(world.book.cases[life.number].asks)
    brings = asks[: (len(asks) + 1) // 2] if half else asks
    lines = {**LINES, "impact": impact_line(life.level)}
    text = "\n".join(lines[name] for name in brings) or "Czy coś już wiadomo w tej sprawie? Dziś problem pojawił się ponownie."

    def then(at: int, _: int) -> None:
        case = world.book.cases[life.number]
        if case.status == "closed":
            world.book.reopened(life.number, at)
        if "impact" in brings:
            world.book.graded(life.number, at, life.level)
        if case.status in LIVING:
            world.book.unasked(life.number, at)

    world.write(reply(life.last_letter, f"Ewa Lis <{life.email}>", text), then)


def answers_half(world: World, life: Life) -> None:
    answers(world, life, half=True)


def machine_answers(world: World, life: Life) -> None:
    """The customer is on holiday: no clock is touched."""
    if life.last_letter:
        own = id_of(life.last_letter)
        away = {"Auto-Submitted": "auto-replied", "In-Reply-To": own, "References": own}
        raw = mail(f"Ewa Lis <{life.email}>", "Automatyczna odpowiedź", "Jestem na urlopie.", headers=away)
        world.write(raw, lambda at, journal: None)


def colleague_writes(world: World, life: Life) -> None:
    """A mail in the Sent folder: whoever writes to the customer has started the case, and has it."""
    if world.status(life) not in LIVING or life.by_colleague:
        return

    def then(at: int, _: int) -> None:
        case = world.book.cases[life.number]
        if case.status in LIVING:
            world.book.started(life.number, at)
            world.book.assigned(life.number, case.assignee or "anna@oxiprint.com")

    world.write(reply(life.first, "Anna Lis <anna@oxiprint.com>", "Proszę o telefon.", to=life.email), then, role="sent")


def starts(world: World, life: Life) -> None:
    if world.status(life) in (*LIVING, "review"):
        world.command(life, Verb.START)
        world.book.started(life.number, world.now)


def closes(world: World, life: Life) -> None:
    if world.status(life) not in ("", "closed") and not world.is_down:
        world.book.closed(life.number, world.now)
        world.command(life, Verb.CLOSE)


def reopens(world: World, life: Life) -> None:
    if world.status(life) == "closed" and not world.is_down:
        world.book.reopened(life.number, world.now)
        world.command(life, Verb.REOPEN)


def accepts(world: World, life: Life) -> None:
    if world.status(life) == "review":
        world.book.accepted(life.number)
        world.command(life, Verb.ACCEPT)


def phones(world: World, life: Life) -> None:
    """What is missing was learned on the phone."""
    if world.status(life) in LIVING and not world.is_down:
        world.book.unasked(life.number, world.now)
        world.command(life, Verb.SET, fields=(("company", "Drukarnia Lis"),))


def assigns(world: World, life: Life) -> None:
    if world.status(life):
        world.book.assigned(life.number, JAN)
        world.command(life, Verb.ASSIGN, JAN)


def regrades(level: str) -> Act:
    def act(world: World, life: Life) -> None:
        if world.status(life) in (*LIVING, "started") and not world.is_down:
            world.book.regraded_by_staff(life.number, world.now, level)
            world.command(life, Verb.IMPACT, level)

    return act


# ---- a week of them -----------------------------------------------------------------------------------------------


def arrival(rng: random.Random, hours: Hours, monday: date) -> int:
    """A minute of the week: mostly in opening hours; by night, at the edges, on Friday evening and at the weekend too."""
    day, minute = rng.randrange(5), rng.randrange(8 * 60, 17 * 60)
    match rng.random():
        case x if x < 0.15:
            minute = rng.randrange(24 * 60)
        case x if x < 0.25:
            minute = rng.choice((7 * 60 + 59, 8 * 60, 16 * 60 + 59, 17 * 60, 17 * 60 + 1))
        case x if x < 0.32:
            day, minute = 4, rng.randrange(17 * 60, 24 * 60)
        case x if x < 0.42:
            day, minute = rng.choice((5, 6)), rng.randrange(24 * 60)
        case x if x < 0.45:
            day, minute = 6, rng.randrange(60, 4 * 60)  # the clocks may change
    local = datetime.combine(monday + timedelta(days=day), time(minute // 60, minute % 60), WARSAW).replace(fold=rng.randrange(2))
    return hours.minute(local)


def a_life(rng: random.Random, key: int, at: int) -> tuple[Life, list[tuple[int, Act]]]:
    """A case, and what will happen to it."""

    def within(hours: float) -> int:
        return at + 1 + int(rng.expovariate(1 / (hours * 60)))

    level, *others = rng.choices(tuple(LEVELS), (2, 4, 3, 3), k=3)
    if rng.random() < 0.06:
        acts = [(within(20), rng.choice((accepts, closes))), (within(60), rng.choice((starts, closes, reopens)))]
        return Life(f"biuro{key}@oxiprint.com", level, by_colleague=True), [(at, opens), *acts]
    missing = tuple(name for name in ("company", "device", "impact") if rng.random() < 0.5) if rng.random() < 0.6 else ()
    acts: list[tuple[int, Act]] = [(at, opens)]
    silent = bool(missing) and rng.random() < 0.5  # a customer who does not answer, and a case that is left to wait
    for chance, typically, act in (
        (0.55, 3 if level == "critical" else 12, starts),
        (0.06, 20, colleague_writes),
        (0.15, 20, assigns),
        (0.20, 20, regrades(others[0])),
        (0.20, 80, regrades(others[1])),
        (0.15, 60, closes),
        (0.10, 110, reopens),
        (0.10, 130, closes),
        (0.15, 150, answers),
    ):
        if rng.random() < chance * (0.3 if silent else 1):
            acts.append((within(typically), act))
    if missing and not silent:
        answer = rng.choice((answers, answers, answers_half, answers_half, phones, machine_answers))
        acts += [(within(rng.choice((1, 20, 70))), answer), (within(120), rng.choice((answers, machine_answers)))]
    return Life(f"klient{key}@firma{key}.example", level, missing), acts


def ticks(rng: random.Random, hours: Hours, monday: date, days: int) -> Iterator[int]:
    """When the sweeper looks: often around the opening hours, at an odd minute of each day, and now and then by night."""
    for number in range(days):
        day = hours.minute(datetime.combine(monday + timedelta(days=number), time(0), WARSAW))
        step = 5 if number < 7 else 19
        yield from range(day + rng.randrange(150), day + 24 * 60, 150)
        yield from range(day + 7 * 60 + 52 + rng.randrange(step), day + 17 * 60 + 8, step)


def play(world: World, rng: random.Random, monday: date, count: int, days: int) -> None:
    """All that happens, in the order of the clock."""
    hours = world.book.hours
    end = hours.minute(datetime.combine(monday + timedelta(days=days), time(0), WARSAW))
    plan: list[tuple[int, int, Act | None, Life | None]] = [(minute, 1, None, None) for minute in set(ticks(rng, hours, monday, days))]
    for key in range(count):
        life, acts = a_life(rng, key, arrival(rng, hours, monday))
        world.lives[life.email] = life
        if rng.random() < 0.05:
            world.road.outlet.refuses.add(life.email)
        plan += [(minute, 0, act, life) for minute, act in acts if minute < end]
    for minute, _, act, life in sorted(plan, key=lambda each: each[:2]):
        world.turn(minute)
        if act is not None and life is not None:
            act(world, life)
        elif not world.is_down:
            world.look()


# ---- what was really sent -----------------------------------------------------------------------------------------


def told(world: World) -> list[Told]:
    """The reminders to staff, the reminders to customers and the closings that the mail server took."""
    found = []
    for minute, recipient, mime in world.taken:
        row = world.row(mime)
        number, key = str(row["number"]), str(row["key"])
        if row["kind"] == "sla_reminder":
            cycle, stage = re.fullmatch(r"sla_reminder:ticket:\d+:(\d+):(sla:(?:late:)?\d+):[^:]+", key).groups()  # type: ignore[union-attr]
            merged = MERGED.search(" ".join(str(row["text"]).split()))
            found.append(Told(number, int(cycle), stage, int(merged[1]) if merged else 0, recipient, minute))
        elif row["kind"] == "question_reminder":
            stage = re.search(r":customer:(remind:\d)", key)[1]  # type: ignore[index]
            found.append(Told(number, 0, stage, 0, recipient, minute))
        elif row["kind"] == "closing":
            found.append(Told(number, 0, "close", 0, recipient, minute))
    return found


def digests(world: World) -> list[tuple[int, str, bytes]]:
    return [(minute, recipient, mime) for minute, recipient, mime in world.taken if world.row(mime)["kind"] == "digest"]


def sections_of(mime: bytes) -> list[tuple[int, frozenset[str]]]:
    """Of each section of a digest: how many tickets, and the numbers of those that are listed."""
    text = text_of(mime)
    found = []
    for title in SECTIONS:
        begin = re.search(rf"^{title}: (\d+)$", text, re.MULTILINE | re.IGNORECASE)
        if begin is None:
            found.append((0, frozenset[str]()))
            continue
        rest = text[begin.end() :]
        ends = [at.start() for other in SECTIONS if (at := re.search(rf"^{other}: \d+$", rest, re.MULTILINE | re.IGNORECASE))]
        found.append((int(begin[1]), frozenset(re.findall(r"OXI-\d{4}-\d{6}", rest[: min(ends, default=len(rest))]))))
    return found


def check(world: World) -> None:
    """The letters are those of the book, none twice, none while the desk is closed."""
    sent, expected = Counter(told(world)), Counter(world.book.letters)
    assert sent == expected, difference(sent - expected, expected - sent, world)
    once = Counter((each.number, each.cycle, each.stage, each.recipient) for each in sent if each.cycle)
    assert set(once.values()) == {1}
    sent_digests = digests(world)
    assert Counter((minute, to) for minute, to, _ in sent_digests) == Counter(
        (each.minute, each.recipient) for each in world.book.overviews
    )
    overviews = {(each.minute, each.recipient): each for each in world.book.overviews}
    for minute, recipient, mime in sent_digests:
        overview: Overview = overviews[minute, recipient]
        wanted = (overview.overdue, overview.due_today, overview.waiting, overview.review)
        for title, numbers, (count, listed) in zip(SECTIONS, wanted, sections_of(mime), strict=True):
            where = f"{world.book.hours.at(minute):%Y-%m-%d %H:%M} to {recipient}, {title}"
            assert (count, len(listed), listed - numbers) == (len(numbers), min(LISTED, len(numbers)), set()), where
    hours = world.book.hours
    for minute in {each.minute for each in sent} | {minute for minute, _, _ in sent_digests}:
        assert hours.open[minute] or any(hours.open[minute - back] for back in range(1, GRACE + 2)), hours.at(minute)


def difference(more: Counter[Told], less: Counter[Told], world: World) -> str:
    """The first disagreements, for a person."""
    lines = [f"{sum(more.values())} letters too many, {sum(less.values())} missing"]
    for word, letters in (("not expected", more), ("missing", less)):
        first = sorted(letters, key=lambda each: each.minute)[:8]
        lines += [f"{word}: {each} at {world.book.hours.at(each.minute):%a %Y-%m-%d %H:%M} UTC" for each in first]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(SERVICE, MARK)
    reader.warm_up()
    yield reader
    reader.close()


Build = Callable[..., World]


@pytest.fixture
def a_world(reader: Reader) -> Iterator[Build]:
    """Weeks of `count` cases from a Monday on, played to their end. In memory where that can be: no power is cut here."""
    databases = []
    memory = Path("/dev/shm")
    folder = TemporaryDirectory(dir=memory if memory.is_dir() else None)

    def build(
        seed: int,
        monday: date,
        count: int,
        *,
        days: int = DAYS,
        service: Service = SERVICE,
        down: tuple[datetime, datetime] | None = None,
    ) -> World:
        database = Database(f"sqlite:///{folder.name}/{seed}.db")
        databases.append(database)
        upgrade(database)
        begin = datetime.combine(monday - timedelta(days=1), time(0), WARSAW)
        hours = Hours(SERVICE.calendar, begin, begin + timedelta(days=days + 2))
        team = (*service.team, *(person.email for person in service.people))
        world = World(Road(database, reader, service), Book(hours, team, service.managers))
        if down is not None:
            world.down = (hours.minute(down[0]), hours.minute(down[1]))
        play(world, random.Random(seed), monday, count, days)
        return world

    with folder:
        yield build
        for database in databases:
            database.close()


def test_a_week_with_a_holiday(a_world: Build) -> None:
    """9 to 15 November 2026, with Independence Day on the Wednesday; unanswered questions end in the weeks after it."""
    world = a_world(11, date(2026, 11, 9), 300, service=replace(SERVICE, people=()))
    check(world)


def test_the_week_in_which_the_clocks_change(a_world: Build) -> None:
    """19 to 25 October 2026: mails come in both hours that are called two o'clock."""
    world = a_world(10, date(2026, 10, 19), 40, days=9)
    check(world)


def test_three_days_of_standing_still(a_world: Build) -> None:
    """From Tuesday to Friday, a holiday between; at the restart one letter stands for all that a ticket missed, the next come on time."""
    start, end = (datetime(2026, 11, day, 10, 13, tzinfo=WARSAW) for day in (10, 13))
    world = a_world(12, date(2026, 11, 9), 60, days=9, down=(start, end))
    check(world)
    stopped, restart = world.down
    reminders = [each for each in told(world) if each.stage.startswith("sla:")]
    assert not [each for each in reminders if stopped <= each.minute < restart]
    first = [each for each in reminders if restart <= each.minute < restart + 5]
    assert set(Counter((each.number, each.recipient) for each in first).values()) == {1}
    assert sum(each.merged + 1 for each in first if each.recipient == SERVICE.team[0]) >= 50


@pytest.mark.long
@pytest.mark.parametrize("seed", range(max(1, int(os.environ.get("MAILBOT_EXAMPLES", "3000")) // 1000)))
def test_any_week(a_world: Build, seed: int) -> None:
    """A week of two years, and a standstill somewhere in it or after: one for each thousand of MAILBOT_EXAMPLES."""
    rng = random.Random(seed)
    monday = date(2026, 1, 5) + timedelta(weeks=rng.randrange(104))
    begin = datetime.combine(monday, time(rng.randrange(24), rng.randrange(60)), WARSAW) + timedelta(days=rng.randrange(DAYS - 8))
    check(a_world(seed, monday, 150, down=(begin, begin + timedelta(hours=rng.randrange(1, 150)))))
