"""The whole road with the real daemon: every mail has its consequence, every request one answer, no machine one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.corpus.compose import request_mail
from tests.support.house import House
from tests.support.postgres import Postgres
from tests.system.conftest import HouseBuilder
from tests.system.labelled import MACHINES, Case, load
from tests.system.letters import request

pytestmark = pytest.mark.slow

CASES = load("cases.jsonl")
REQUESTS = [case for case in CASES if case["kind"] == "request"]
BY_MACHINES = [case for case in CASES if case["kind"] in MACHINES]


def letters_by_case(house: House, cases: list[Case]) -> dict[str, int]:
    """How many letters went to the sender of each case."""
    return {case["id"]: len(house.letters(case["from_addr"])) for case in cases}


def check_consequences(house: House, cases: list[Case]) -> None:
    """Each mail has one consequence with its reason, each request one letter, no machine any, and no letter went out twice."""
    assert house.query("SELECT state, count(*) FROM journal GROUP BY state") == [("done", len(cases))]
    assert house.count("journal WHERE consequence IS NULL OR reason = ''") == 0
    requests = letters_by_case(house, [case for case in cases if case["kind"] == "request"])
    assert {name: count for name, count in requests.items() if count != 1} == {}
    machines = letters_by_case(house, [case for case in cases if case["kind"] in MACHINES])
    assert {name: count for name, count in machines.items() if count} == {}
    assert set(Counter(delivery.message_id for delivery in house.sink.accepted).values()) == {1}


def test_every_mail_has_one_consequence_and_each_request_one_answer(house: House) -> None:
    assert len(CASES) >= 60
    for start in range(0, len(CASES), 10):  # they come in while it works
        house.deliver(*(request_mail(case) for case in CASES[start : start + 10]))
        house.wait_until(lambda start=start: house.count("journal") > start)
    house.quiet()
    check_consequences(house, CASES)

    code, seconds = house.stop()
    assert code == 0
    assert seconds < 10
    sent = len(house.sink.deliveries)
    house.start()
    house.deliver(request("nowy@klient.example"))  # once this one is answered, whatever were to go out again would have gone
    house.quiet()
    newer = sorted(delivery.recipients for delivery in house.sink.deliveries[sent:])
    assert newer == sorted([(house.team,), (house.jan,), ("nowy@klient.example",)])


def test_mail_of_last_year_is_kept_and_not_answered(build_house: HouseBuilder) -> None:
    house = build_house()
    last_year = datetime.now(UTC) - timedelta(days=365)
    house.deliver(*(request(f"klient{number}@dawny.example") for number in range(30)), when=last_year)
    house.start()
    house.quiet()
    assert house.query("SELECT state, consequence, rules, count(*) FROM journal GROUP BY 1, 2, 3") == [("done", "ignored", "adopted", 30)]
    assert house.count("ticket") == 0
    house.deliver(request("nowy@klient.example"))
    house.quiet()
    written_to = {recipient for delivery in house.sink.deliveries for recipient in delivery.recipients}
    assert written_to == {"nowy@klient.example", house.team, house.jan}
    assert house.stop()[0] == 0


def test_the_road_on_postgresql(build_house: HouseBuilder, postgres: Postgres) -> None:
    house = build_house(database=postgres.url())
    house.start()
    cases = [*REQUESTS[:6], *BY_MACHINES[:6]]
    house.deliver(*(request_mail(case) for case in cases))
    house.quiet()
    check_consequences(house, cases)
    assert house.stop()[0] == 0
