"""What staff do to a ticket: one verb after the other, what it changes, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.model.command import Command, Verb
from mailbot.model.deadline import Cycle, Pause
from mailbot.model.event import StaffCommand
from mailbot.model.facts import Impact, Item, Where
from mailbot.model.mail import Address
from mailbot.model.plan import CancelUnsent
from mailbot.model.ticket import TRANSITIONS, Status, Ticket
from mailbot.rules.acts import act, forget_mail
from mailbot.rules.decide import Identity, decide, opened_by_staff
from mailbot.rules.planning import Planning, WrongTurn
from tests.build import a_reading, a_service, a_ticket
from tests.rules.outcome import HOUSE, NOW, TEAM, Outcome

JAN = "jan@oxiprint.com"
START = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
WAITING = a_ticket(
    status=Status.WAITING,
    facts=a_reading(company=None, impact=None).facts,
    asked=(Item.COMPANY, Item.IMPACT),
    asked_at=START + timedelta(minutes=30),
    questions=1,
    cycle=Cycle(1, START, Impact.MEDIUM, (Pause(START + timedelta(minutes=30)),)),
)
CLOSED = a_ticket(status=Status.CLOSED, closed_at=NOW, closed_why="done")
REVIEW = a_ticket(status=Status.REVIEW)


def do(verb: Verb, ticket: Ticket | None = None, argument: str = "", *, actor: str = JAN, service=HOUSE, **fields: str) -> Outcome:
    command = Command(verb, argument, tuple(fields.items()))
    return Outcome(decide(ticket or a_ticket(), StaffCommand(actor, command), service, NOW, "command:1"))


def refused(verb: Verb, ticket: Ticket, argument: str = "") -> str:
    with pytest.raises(WrongTurn) as why:
        do(verb, ticket, argument)
    return str(why.value)


# ---- start, close, reopen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ticket", [a_ticket(), WAITING, REVIEW])
def test_start_stops_the_clock_and_notes_who(ticket: Ticket) -> None:
    then = do(Verb.START, ticket)
    assert (then.ticket.status, then.ticket.started_at, then.ticket.started_by, then.ticket.assignee) == (Status.STARTED, NOW, JAN, JAN)
    assert (then.due_at, then.stages, then.ticket.asked, then.sent, then.told) == (None, [], (), [], [])
    assert "started: the case was started" in then.history
    assert [effect for effect in then.plan.effects if isinstance(effect, CancelUnsent)]  # an unsent question is not needed


def test_start_twice_changes_nothing() -> None:
    started = do(Verb.START).ticket
    assert do(Verb.START, started).ticket == started


def test_from_the_command_line_the_case_is_nobodys_yet() -> None:
    assert do(Verb.START, actor="root").ticket.assignee == ""


def test_close_ends_everything() -> None:
    then = do(Verb.CLOSE, WAITING, "naprawione")
    assert (then.ticket.status, then.ticket.closed_at, then.ticket.closed_why, then.ticket.asked) == (Status.CLOSED, NOW, "naprawione", ())
    assert (then.due_at, then.stages, then.sent) == (None, [], [])
    assert do(Verb.CLOSE, CLOSED).ticket == CLOSED


def test_reopen_begins_a_new_cycle_with_a_new_full_budget() -> None:
    then = do(Verb.REOPEN, replace(CLOSED, started_at=START, started_by=JAN))
    assert (then.ticket.status, then.ticket.cycle) == (Status.OPEN, Cycle(2, NOW, Impact.HIGH))
    assert (then.ticket.closed_at, then.ticket.started_at, then.ticket.started_by) == (None, None, "")
    assert then.due_at == NOW + timedelta(hours=6)


@pytest.mark.parametrize(
    ("verb", "ticket", "words"),
    [
        (Verb.START, CLOSED, "zamknięte"),
        (Verb.REOPEN, a_ticket(), "nie jest zamknięte"),
        (Verb.REOPEN, replace(CLOSED, merged_into="OXI-2026-000009"), "OXI-2026-000009"),
        (Verb.ACCEPT, a_ticket(), "otwarte"),
        (Verb.DISMISS, a_ticket(), "zamknij"),
        (Verb.MERGE, a_ticket(), "mailbot ticket merge"),
        (Verb.OPEN, a_ticket(), "mailbot ticket open"),
        (Verb.REPLY, a_ticket(answer_to=None, requester=Address("", "")), "adres"),
    ],
)
def test_what_is_refused_says_why(verb: Verb, ticket: Ticket, words: str) -> None:
    assert words in refused(verb, ticket, "tekst")


# ---- review -------------------------------------------------------------------------------------------------------


def test_accept_lets_the_clock_run_from_the_arrival() -> None:
    then = do(Verb.ACCEPT, REVIEW)
    assert (then.ticket.status, then.due_at, then.sent) == (Status.OPEN, START + timedelta(hours=6), [])


def test_dismiss_closes_without_a_word() -> None:
    then = do(Verb.DISMISS, REVIEW, "faktura")
    assert (then.ticket.status, then.ticket.closed_why, then.drafts) == (Status.CLOSED, "dismissed: faktura", [])


# ---- who has it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Jan Nowak", "nowak", "JAN@oxiprint.com"])
def test_assign_by_name_or_address_tells_the_colleague(words: str) -> None:
    then = do(Verb.ASSIGN, argument=words, actor="root")
    assert (then.ticket.assignee, then.to_staff) == (JAN, [f"follow_up {JAN}"])


def test_assign_to_oneself_tells_nobody() -> None:
    then = do(Verb.ASSIGN, argument="me")
    assert (then.ticket.assignee, then.told) == (JAN, [])


@pytest.mark.parametrize("words", ["Ewa", "klient@x.example", "serwis@oxiprint.com", "me"])
def test_only_to_a_colleague_whom_mail_reaches(words: str) -> None:
    with pytest.raises(WrongTurn, match="nie znam"):
        do(Verb.ASSIGN, argument=words, actor="root", service=a_service(staff_domains=("oxiprint.com",)))


def test_notices_go_to_the_assignee_from_then_on() -> None:
    planning = Planning(do(Verb.ASSIGN, argument="nowak", actor="root").ticket, HOUSE, NOW, "x")
    act(planning, Command(Verb.ASSIGN, "technik@oxiprint.com"), "root")
    assert Outcome(planning.finish()).told == ["technik@oxiprint.com"]


# ---- impact and facts ---------------------------------------------------------------------------------------------


def test_impact_counts_anew_from_the_original_start() -> None:
    then = do(Verb.IMPACT, argument="critical")
    assert (then.ticket.cycle, then.due_at) == (Cycle(2, START, Impact.CRITICAL), START + timedelta(hours=2))
    assert then.ticket.facts.impact
    assert (then.ticket.facts.impact.value, then.ticket.facts.impact.where) == ("critical", Where.STAFF)
    assert "impact: high -> critical" in then.history


def test_the_same_level_is_no_new_cycle() -> None:
    assert do(Verb.IMPACT, argument="high").ticket.cycle.number == 1


def test_a_level_set_by_staff_is_not_asked_any_more() -> None:
    some = do(Verb.IMPACT, WAITING, "low").ticket
    assert (some.asked, some.status) == ((Item.COMPANY,), Status.WAITING)
    none = do(Verb.IMPACT, replace(WAITING, asked=(Item.IMPACT,)), "low").ticket
    assert (none.asked, none.status, none.cycle.pauses[-1].end) == ((), Status.OPEN, NOW)


def test_a_case_that_staff_call_critical_waits_for_nobody() -> None:
    then = do(Verb.IMPACT, WAITING, "critical")
    assert then.due_at == START + timedelta(hours=2)


def test_set_keeps_what_was_learned_and_ends_the_questions() -> None:
    then = do(Verb.SET, WAITING, company="Drukarnia AS", impact="low")
    ticket = then.ticket
    assert (ticket.missing, ticket.asked, ticket.status, ticket.patience_ended) == ((), (), Status.OPEN, True)
    assert (ticket.impact, ticket.cycle.number, ticket.cycle.pauses[-1].end) == (Impact.LOW, 2, NOW)
    assert "set: company: - -> Drukarnia AS" in then.history
    assert then.sent == []


def test_an_address_learned_on_the_phone_can_be_written_to() -> None:
    unknown = a_ticket(requester=Address("", ""), answer_to=None, participants=frozenset())
    ticket = do(Verb.SET, unknown, email="ewa@druk.example").ticket
    assert (ticket.answer_to, ticket.participants) == (Address("Jan Kowalski", "ewa@druk.example"), {"ewa@druk.example"})
    assert do(Verb.REPLY, ticket, "Dzień dobry").sent == ["staff_reply"]
    assert do(Verb.SET, a_ticket(), email="ewa@druk.example").ticket.answer_to == a_ticket().answer_to


# ---- words --------------------------------------------------------------------------------------------------------


def test_a_note_is_kept_and_sent_to_nobody() -> None:
    then = do(Verb.NOTE, argument="oddzwonić po 14")
    assert (then.drafts, then.history) == ([], ["note: oddzwonić po 14"])


def test_a_reply_goes_to_the_customer_with_the_colleagues_name_and_starts_the_case() -> None:
    then = do(Verb.REPLY, argument="Będziemy o 9.")
    assert (then.sent, then.letter("staff_reply").author, then.ticket.status) == (["staff_reply"], "Jan Nowak", Status.STARTED)


def test_a_silent_customer_may_be_written_to_by_a_person() -> None:
    assert do(Verb.REPLY, a_ticket(silence="adres programu"), "Dzień dobry").sent == ["staff_reply"]


def test_status_and_help_change_nothing() -> None:
    for verb in (Verb.STATUS, Verb.HELP):
        assert do(verb).ticket == a_ticket()


def test_every_verb_has_an_act() -> None:
    for verb in Verb:
        planning = Planning(a_ticket(), HOUSE, NOW, "x")
        try:
            assert act(planning, Command(verb, "high" if verb is Verb.IMPACT else "me", (("company", "X"),)), JAN)
        except WrongTurn as refusal:
            assert str(refusal)  # noqa: PT017  # some are refused, each with words


# ---- the status machine -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_no_way_but_those_of_the_machine(old: Status, new: Status) -> None:
    planning = Planning(a_ticket(status=old), HOUSE, NOW, "x")
    if new is old or new in TRANSITIONS[old]:
        planning.turn(new)
        assert planning.ticket.status is new
    else:
        with pytest.raises(WrongTurn):
            planning.turn(new)


# ---- on the phone, moved mails ------------------------------------------------------------------------------------


def test_a_ticket_for_a_customer_on_the_phone() -> None:
    fields = (("first_name", "Ewa"), ("last_name", "Lis"), ("email", "ewa@druk.example"), ("device", "OXIJET 3200"), ("impact", "critical"))
    then = Outcome(opened_by_staff(Identity(7, "OXI-2026-000007"), "root", fields, HOUSE, NOW))
    ticket = then.ticket
    assert (ticket.requester, ticket.status, ticket.cycle) == (
        Address("Ewa Lis", "ewa@druk.example"),
        Status.OPEN,
        Cycle(1, NOW, Impact.CRITICAL),
    )
    assert (then.sent, then.told, then.due_at) == ([], list(TEAM), NOW + timedelta(hours=2))
    assert (ticket.missing, ticket.patience_ended) == ((Item.COMPANY, Item.DESCRIPTION), True)


def test_what_was_learned_from_a_mail_that_belongs_elsewhere_is_forgotten() -> None:
    facts = replace(a_reading().facts, company=replace(a_reading().facts.company, mail=17))
    planning = Planning(a_ticket(facts=facts), HOUSE, NOW, "x")
    forget_mail(planning, 17, "OXI-2026-000009", "root")
    assert planning.ticket.missing == (Item.COMPANY,)
    assert planning.notes[0].text == "mail 17 to OXI-2026-000009; forgotten with it: company: Drukarnia AS"
