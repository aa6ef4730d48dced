"""SIGTERM at any moment under load: a calm and quick end, and afterwards nothing is lost and nothing doubled."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest

from tests.support.house import House
from tests.support.smtp_sink import Rule
from tests.system.conftest import HouseBuilder
from tests.system.letters import request, subject_of

pytestmark = pytest.mark.slow

MAILS_A_ROUND = 8
LETTERS_A_MAIL = 3  # to the customer, the team and Jan


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def stopped_house(request: pytest.FixtureRequest, build_house: HouseBuilder) -> House:
    """A house on either database, not running."""
    return build_house(database=None if request.param == "sqlite" else request.getfixturevalue("postgres_url"))


def progress(house: House) -> tuple[Callable[[], int], ...]:
    """What grows while the house works, with the mails of a round: stored mails, consequences, letters that were taken."""
    return (
        lambda: house.count("journal"),
        lambda: house.count("journal WHERE state = 'done'"),
        lambda: len(house.sink.accepted) // LETTERS_A_MAIL,
    )


@pytest.mark.parametrize("rounds", [10, pytest.param(40, marks=pytest.mark.long)])
def test_sigterm_at_random_moments(stopped_house: House, rounds: int) -> None:
    house, chance = stopped_house, random.Random(rounds)
    ends = []
    for at in range(rounds):
        house.start()
        grown = chance.choice(progress(house))
        enough = chance.randint(grown(), MAILS_A_ROUND * (at + 1))  # at once, or somewhere on the way
        house.deliver(*(request(f"klient{at}@firma{number}.example") for number in range(MAILS_A_ROUND)))
        house.wait_until(lambda grown=grown, enough=enough: grown() >= enough)
        ends.append(house.stop())
    assert [code for code, _ in ends] == [0] * rounds
    assert max(seconds for _, seconds in ends) < 10
    house.start()
    house.quiet()
    assert house.stop()[0] == 0

    customers = {f"klient{at}@firma{number}.example" for at in range(rounds) for number in range(MAILS_A_ROUND)}
    assert house.query("SELECT state, consequence, count(*) FROM journal GROUP BY 1, 2") == [("done", "opened", len(customers))]
    assert Counter(requester for (requester,) in house.query("SELECT requester FROM ticket")) == Counter(customers)
    sent = Counter(recipient for delivery in house.sink.deliveries for recipient in delivery.recipients)
    assert sent == Counter(customers) + Counter({house.team: len(customers), house.jan: len(customers)})
    for colleague in (house.team, house.jan):
        assert len({subject_of(letter) for letter in house.letters(colleague)}) == len(customers)
    assert "Traceback" not in house.log.read_text()


def test_a_letter_that_was_broken_off_goes_first_after_the_start(build_house: HouseBuilder) -> None:
    """The server falls silent at RCPT, before any DATA: the stop cuts the connection, and the letter has lost neither time nor a try."""
    house, asked, go_on = build_house(), threading.Event(), threading.Event()

    def silence(_at: float) -> None:
        asked.set()
        go_on.wait(60)

    house.sink.rules.append(Rule("RCPT", silence))
    house.start()
    house.deliver(request("ewa@drukarnia.example"))
    house.wait_until(asked.is_set)
    code, seconds = house.stop()
    assert code == 0
    assert seconds < 10
    assert house.query("SELECT state, attempts FROM outbox") == [("queued", 0)] * LETTERS_A_MAIL
    house.sink.rules.clear()
    go_on.set()
    house.start()
    house.quiet()
    assert sorted(delivery.recipients for delivery in house.sink.accepted) == [("ewa@drukarnia.example",), (house.jan,), (house.team,)]
    assert house.stop()[0] == 0
