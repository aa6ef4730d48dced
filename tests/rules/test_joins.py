"""Two tickets that are one case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.model.deadline import Cycle, Pause
from mailbot.model.facts import Flag, Impact, Item
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.acts import Refused
from mailbot.rules.joins import join_tickets
from tests.build import a_reading, a_ticket
from tests.rules.outcome import HOUSE, NOW, Outcome

START = a_ticket().opened_at


def ticket(number: int, **changes: object) -> Ticket:
    return a_ticket(id=number, number=f"OXI-2026-{number:06d}", **changes)


def join(source: Ticket, target: Ticket) -> tuple[Ticket, Ticket, Outcome]:
    into, gone = (Outcome(plan) for plan in join_tickets(source, target, "root", HOUSE, NOW))
    return into.ticket, gone.ticket, into


def facts(**values: str | None):
    return a_reading(**{**dict.fromkeys(("first_name", "last_name", "company", "device", "description", "impact")), **values}).facts


def test_the_source_is_closed_and_points_to_the_target() -> None:
    into, gone, then = join(ticket(1), ticket(2))
    assert (gone.status, gone.merged_into, gone.closed_at, gone.asked) == (Status.CLOSED, "OXI-2026-000002", NOW, ())
    assert into.links == ("OXI-2026-000001",)
    assert (then.drafts, then.history) == ([], ["merged: OXI-2026-000001 was merged into this ticket"])


def test_the_source_fills_gaps_and_overwrites_nothing() -> None:
    source = ticket(
        1, facts=facts(company="Inna firma", device="OXI CUT 1625"), flags=frozenset({Flag.COMPLAINT}), participants=frozenset({"ewa@x"})
    )
    target = ticket(2, facts=facts(device="OXIJET 3200"))
    into, _, _ = join(source, target)
    assert (into.facts.company.value, into.facts.device.value) == ("Inna firma", "OXIJET 3200")
    assert into.flags == {Flag.COMPLAINT}
    assert into.participants == {"ewa@x", "jan.kowalski@drukarnia.example"}


@pytest.mark.parametrize(
    ("source", "target", "name"),
    [
        (("Ewa", "Lis"), ("Jan", None), "Ewa Lis"),
        (("Ewa", None), ("Jan", None), "Jan"),
        ((None, "Lis"), ("Jan", None), "Jan"),
        (("Ewa", None), (None, None), "Ewa"),
        (("Ewa", "Lis"), ("Jan", "Nowak"), "Jan Nowak"),
    ],
)
def test_a_name_is_one_persons(source: tuple[str | None, str | None], target: tuple[str | None, str | None], name: str) -> None:
    one, other = (facts(first_name=first, last_name=last) for first, last in (source, target))
    into, _, _ = join(ticket(1, facts=one), ticket(2, facts=other))
    assert into.facts.full_name == name


def test_the_earlier_start_and_the_worse_impact_count() -> None:
    early = ticket(1, facts=facts(impact="critical"), cycle=Cycle(1, START - timedelta(days=1), Impact.CRITICAL))
    late = ticket(2, facts=facts(impact="low"), cycle=Cycle(1, START, Impact.LOW))
    for source, target in ((early, late), (late, early)):
        into, _, _ = join(source, target)
        assert (into.cycle.started_at, into.impact, into.facts.impact.value) == (START - timedelta(days=1), Impact.CRITICAL, "critical")


def test_a_level_that_was_named_beats_the_default() -> None:
    default = ticket(1, facts=facts(), cycle=Cycle(1, START, Impact.MEDIUM))
    named = ticket(2, facts=facts(impact="low"), cycle=Cycle(1, START, Impact.LOW))
    assert join(default, named)[0].impact is Impact.LOW
    assert join(named, default)[0].impact is Impact.LOW


def test_what_the_source_told_is_not_asked_any_more() -> None:
    waiting = ticket(
        2,
        status=Status.WAITING,
        facts=facts(device="OXIJET 3200"),
        asked=(Item.COMPANY,),
        asked_at=START,
        cycle=Cycle(1, START, Impact.MEDIUM, (Pause(START),)),
    )
    into, _, _ = join(ticket(1, facts=facts(company="AS")), waiting)
    assert (into.status, into.asked, into.cycle.pauses) == (Status.OPEN, (), (Pause(START, NOW),))
    still, _, _ = join(ticket(1, facts=facts()), waiting)
    assert (still.status, still.asked) == (Status.WAITING, (Item.COMPANY,))


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        (ticket(1), ticket(1), "z nim samym"),
        (ticket(1, merged_into="OXI-2026-000009"), ticket(2), "już połączone"),
        (ticket(1), ticket(2, merged_into="OXI-2026-000009"), "już połączone"),
        (ticket(1), ticket(2, status=Status.CLOSED), "reopen"),
    ],
)
def test_what_is_refused(source: Ticket, target: Ticket, words: str) -> None:
    with pytest.raises(Refused, match=words):
        join_tickets(source, target, "root", HOUSE, NOW)


def test_a_started_case_stays_started_and_two_closed_ones_closed() -> None:
    started = ticket(2, status=Status.STARTED)
    assert join(ticket(1), started)[0] == replace(started, links=("OXI-2026-000001",))
    assert join(ticket(1, status=Status.CLOSED), ticket(2, status=Status.CLOSED))[0].status is Status.CLOSED
