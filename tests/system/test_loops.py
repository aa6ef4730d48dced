"""What could write for ever, and what could be told to the wrong person: other mailbots, dumb responders, strangers with a number."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email import policy

import pytest

from tests.support.dovecot import Dovecot
from tests.support.house import House
from tests.support.smtp_sink import Delivery, Sink
from tests.system.conftest import HouseBuilder
from tests.system.letters import SYMPTOM, mail, number_in, parsed, reply, request, subject_of, text_of

pytestmark = pytest.mark.slow

ROUNDS = 3
KEPT_BY_A_GATEWAY = {"from", "to", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}


class Post:
    """Carries each mail that a sink takes, once, as soon as it is there, to whoever answers it."""

    def __init__(self, sink: Sink, carry: Callable[[Delivery], None]) -> None:
        self._sink, self._carry = sink, carry
        self._carried = len(sink.accepted)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        while not self._over.wait(0.02):
            for delivery in self._sink.accepted[self._carried :]:
                self._carry(delivery)
                self._carried += 1

    @contextmanager
    def open(self) -> Iterator[Post]:
        """It works until the block is left."""
        self._thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._thread.join(10)

    def rest(self, *houses: House) -> None:
        """Wait until nothing moves any more: all is carried, every house is quiet, and none of them sent anything meanwhile."""
        sent = -1
        while sent != len(self._sink.accepted):
            sent = len(self._sink.accepted)
            houses[0].wait_until(lambda sent=sent: self._carried >= sent)
            for house in houses:
                house.quiet()


def stripped(raw: bytes) -> bytes:
    """A mail as a gateway passes it on that knows only the headers which a person sees."""
    made = parsed(raw)
    for name in set(made.keys()):
        if name.lower() not in KEPT_BY_A_GATEWAY:
            del made[name]
    return made.as_bytes(policy=policy.SMTP)


@pytest.fixture(scope="module")
def two_houses(build_house: HouseBuilder, stack: ExitStack) -> tuple[House, House]:
    """Two desks of two companies on the same servers."""
    dovecot = stack.enter_context(Dovecot(users=("serwis", "biuro")))
    sink = stack.enter_context(Sink())
    ours = build_house(dovecot, sink)
    theirs = build_house(dovecot, sink, user="biuro", domain="drukarnia.example", service={"ticket_prefix": "DRU"})
    for house in (ours, theirs):
        house.start()
    return ours, theirs


@pytest.mark.parametrize("gateway", [bytes, stripped], ids=["marks-kept", "marks-stripped"])
def test_two_mailbots(two_houses: tuple[House, House], gateway: Callable[[bytes], bytes]) -> None:
    """A person writes from the address of one desk to the other; from then on they have only each other."""
    ours, theirs = two_houses
    before = {house: len(house.letters(other.address)) for house, other in ((ours, theirs), (theirs, ours))}

    def carry(delivery: Delivery) -> None:
        for house in two_houses:
            if house.address in delivery.recipients:
                house.deliver(gateway(delivery.mail))

    with Post(ours.sink, carry).open() as post:
        subject = f"Nasz ploter stoi ({gateway.__name__})"
        ours.deliver(mail(f"Biuro <{theirs.address}>", subject, f"Dzień dobry,\n{SYMPTOM}\nPozdrawiam"))
        ours.quiet()
        post.rest(ours, theirs)
    assert 1 <= len(ours.letters(theirs.address)) - before[ours] <= ROUNDS
    assert len(theirs.letters(ours.address)) - before[theirs] <= ROUNDS
    assert ours.count(f"ticket WHERE requester = '{theirs.address}' AND value LIKE '%({gateway.__name__})%'") == 1
    assert theirs.count("ticket") <= 1


def thanks(letter: bytes) -> tuple[str, str]:
    return f"Re: {subject_of(letter)}", "Dziękujemy za wiadomość. Odpowiemy tak szybko, jak to możliwe."


def receipt(letter: bytes) -> tuple[str, str]:
    return "Potwierdzenie otrzymania wiadomości", "Twoja wiadomość została przyjęta i oczekuje w kolejce. Prosimy o cierpliwość."


def echo(letter: bytes) -> tuple[str, str]:
    quoted = "\n".join(f"> {line}" for line in text_of(letter).splitlines())
    return f"Re: {subject_of(letter)}", f"Państwa wiadomość dotarła do nas.\n\n{quoted}"


def copy(letter: bytes) -> tuple[str, str]:
    return subject_of(letter), text_of(letter)


@pytest.mark.parametrize("respond", [thanks, receipt, echo, copy])
def test_a_dumb_responder(house: House, respond: Callable[[bytes], tuple[str, str]]) -> None:
    """It answers each letter with a plain mail of its own: no header tells that it is a machine, none names the letter."""
    customer = f"biuro@{respond.__name__}.example"

    def carry(delivery: Delivery) -> None:
        if customer in delivery.recipients:
            subject, text = respond(delivery.mail)
            house.deliver(mail(customer, subject, text))

    with Post(house.sink, carry).open() as post:
        house.deliver(request(customer, leave_out="Nazwa firmy"))
        house.quiet()
        post.rest(house)
    assert 1 <= len(house.letters(customer)) <= ROUNDS
    assert house.count(f"ticket WHERE requester = '{customer}'") == 1


def test_a_stranger_with_somebodys_ticket_number(house: House) -> None:
    house.deliver(request("ewa@znana.example", impact="wysoki"))
    house.quiet()
    (letter,) = house.letters("ewa@znana.example")
    number = number_in(letter)
    stranger = "adam@obcy.example"
    house.deliver(mail(f"Adam Obcy <{stranger}>", f"Re: [{number}] Awaria plotera", f"{SYMPTOM}\nCo Państwo już wiedzą?"))
    house.quiet()
    ((own, value),) = house.query(f"SELECT number, value FROM ticket WHERE requester = '{stranger}'")
    assert own != number
    assert number in value  # linked
    assert any(number in text_of(notice) and own in subject_of(notice) for notice in house.letters(house.team))
    (answer,) = house.letters(stranger)
    assert number_in(answer) == own
    told = text_of(answer) + parsed(answer).as_string()
    for secret in ("Ewa", "Lis", "Drukarnia", "OXIJET", "znana.example"):
        assert secret not in told
    assert house.count(f"message JOIN ticket ON ticket.id = ticket_id WHERE number = '{number}' AND direction = 'in'") == 1


def test_a_stranger_who_answers_a_stolen_mail(house: House) -> None:
    """Who holds a mail of ours holds its signed id: the answer belongs to the ticket, and goes to the customer alone."""
    house.deliver(request("ewa@okradziona.example", leave_out="Nazwa firmy"))
    house.quiet()
    (question,) = house.letters("ewa@okradziona.example")
    house.deliver(reply(question, "Zły <zly@obcy.example>", "Nazwa firmy: Zła sp. z o.o."))
    house.quiet()
    assert house.letters("zly@obcy.example") == []
    assert house.count("ticket WHERE requester = 'zly@obcy.example'") == 0
    assert len(house.letters("ewa@okradziona.example")) == 2
