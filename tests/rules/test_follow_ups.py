"""What comes back from a customer: merged, asked on, acknowledged, reopened, or left to staff; and what changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.model.deadline import Cycle, Pause
from mailbot.model.facts import Fact, Flag, Impact, Item, Where
from mailbot.model.known import Known
from mailbot.model.mail import MailKind
from mailbot.model.plan import CancelUnsent, Consequence
from mailbot.model.service import Conversation
from mailbot.model.ticket import Status, Ticket
from mailbot.rules.match import Evidence
from tests.build import NOTHING, a_reading, a_ticket, an_arrival
from tests.rules.outcome import BOSS, HOUSE, NOW, TEAM, what_follows

OPENED = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
ASKED_AT = datetime(2026, 10, 12, 6, 30, tzinfo=UTC)


def asked(*missing: str, **changes: object) -> Ticket:
    """A ticket that waits for these facts; the question was accepted half an hour before the answer of `an_arrival`."""
    missing = missing or ("company",)
    facts = a_reading(**dict.fromkeys(missing)).facts
    impact = facts.impact_level or Impact.MEDIUM
    pauses = () if impact is Impact.CRITICAL else (Pause(ASKED_AT),)
    ticket = a_ticket(
        status=Status.WAITING, facts=facts, asked=facts.missing(), asked_at=ASKED_AT, questions=1, cycle=Cycle(1, OPENED, impact, pauses)
    )
    return replace(ticket, **changes)


def queued(*missing: str, **changes: object) -> Ticket:
    """A ticket whose question is not sent yet."""
    ticket = asked(*missing)
    return replace(ticket, status=Status.OPEN, asked_at=None, cycle=replace(ticket.cycle, pauses=()), **changes)


def says(*flags: Flag, **facts: object):
    """An answer that tells nothing but these facts."""
    return an_arrival(*flags, **{**NOTHING, **facts})


# ---- the normal course --------------------------------------------------------------------------------------------


def test_an_answer_with_all_that_is_missing_is_acknowledged_and_the_clock_runs() -> None:
    then = what_follows(says(company="Drukarnia AS"), asked())
    assert (then.test, then.sent, then.letter("acknowledgement").thanks) == ("answer", ["acknowledgement"], True)
    assert (then.ticket.status, then.ticket.asked, then.ticket.asked_at) == (Status.OPEN, (), None)
    assert then.ticket.cycle.pauses == (Pause(ASKED_AT, datetime(2026, 10, 12, 7, 0, tzinfo=UTC)),)
    assert then.due_at == datetime(2026, 10, 12, 12, 30, tzinfo=UTC)  # six hours from 8:00, and half an hour of pause


def test_the_source_of_each_change_is_in_the_history_and_in_the_notice() -> None:
    then = what_follows(says(company="Drukarnia AS"), asked())
    assert "learned: company: - -> Drukarnia AS" in then.history
    assert then.letter("follow_up").changes == (("company", "", "Drukarnia AS"),)
    assert then.ticket.facts.company
    assert then.ticket.facts.company.mail == 17
    assert (then.concluded.consequence, then.concluded.kind) == (Consequence.ATTACHED, "answer")


def test_a_part_of_it_is_asked_on_once() -> None:
    then = what_follows(says(company="Drukarnia AS"), asked("company", "impact"))
    question = then.letter("question")
    assert (then.sent, question.missing, question.again) == (["question"], (Item.IMPACT,), True)
    assert (then.ticket.questions, then.ticket.asked, then.ticket.asked_at, then.ticket.status) == (2, (Item.IMPACT,), None, Status.OPEN)


def test_after_two_questions_a_short_receipt_and_staff_with_the_clock_running() -> None:
    then = what_follows(says(company="Drukarnia AS"), asked("company", "impact", questions=2))
    assert (then.sent, then.ticket.patience_ended, then.ticket.asked, then.ticket.status) == (["receipt"], True, (), Status.OPEN)
    assert then.due_at is not None
    assert then.told == list(TEAM)


@pytest.mark.parametrize("limit", [1, 3])
def test_how_many_questions_is_for_the_config(limit: int) -> None:
    service = replace(HOUSE, conversation=Conversation(max_questions=limit))
    then = what_follows(says(company="Drukarnia AS"), asked("company", "impact", questions=limit), service=service)
    assert then.sent == ["receipt"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (says(), "it brought nothing"),
        (says(Flag.ANNOYED, company="Drukarnia AS"), "annoyed"),
        (says(Flag.WANTS_CALL, company="Drukarnia AS"), "a wish to be called"),
        (says(Flag.DOES_NOT_KNOW, company="Drukarnia AS"), "does not know"),
        (says(Flag.ONLY_ATTACHMENTS), "only attachments"),
    ],
)
def test_no_second_question(event, why: str) -> None:
    then = what_follows(event, asked("company", "impact"))
    assert (then.sent, then.ticket.patience_ended, then.ticket.asked) == (["receipt"], True, ()), why
    assert then.letter("follow_up").headline == "Klient odpowiedział, ale nadal brakuje danych: prosimy o kontakt"


def test_later_items_are_still_acknowledged() -> None:
    ended = asked("company", "impact", status=Status.OPEN, asked=(), asked_at=None, patience_ended=True, questions=2)
    assert what_follows(says(company="Drukarnia AS"), ended).sent == ["receipt"]
    assert what_follows(says(company="Drukarnia AS", impact="low"), ended).sent == ["acknowledgement"]
    assert what_follows(says(), ended).sent == []  # nothing new: nothing is said, staff are told
    assert what_follows(says(), ended).told == list(TEAM)


def test_more_words_on_a_complete_case_reach_the_assignee_and_nobody_else() -> None:
    then = what_follows(says(), a_ticket(facts=a_reading().facts, assignee="ewa@oxiprint.com"))
    assert (then.sent, then.to_staff) == ([], ["follow_up ewa@oxiprint.com"])


def test_another_impact_begins_a_new_cycle_from_the_original_start() -> None:
    low = a_ticket(facts=a_reading(impact="low").facts, cycle=Cycle(1, OPENED, Impact.LOW))
    then = what_follows(says(impact="critical"), low)
    assert (then.ticket.cycle.number, then.ticket.impact, then.ticket.cycle.started_at) == (2, Impact.CRITICAL, OPENED)
    assert then.due_at == datetime(2026, 10, 12, 8, 0, tzinfo=UTC)


def test_a_worse_level_that_is_only_implied_is_for_staff_to_judge() -> None:
    stated = a_ticket(facts=a_reading(impact="medium").facts, cycle=Cycle(1, OPENED, Impact.MEDIUM))
    implied = replace(a_reading().facts, impact=Fact("critical", Where.TEXT, "produkcja stoi", stated=False))
    then = what_follows(replace(says(), reading=replace(a_reading(), facts=implied)), stated)
    assert then.ticket.impact is Impact.MEDIUM
    assert any("krytyczny zamiast średni" in note for note in then.letter("follow_up").notes)
    assert not any("gorzej" in note for note in what_follows(says(impact="low"), stated).letter("follow_up").notes)


def test_a_case_that_turns_critical_waits_for_nobody() -> None:
    then = what_follows(says(impact="critical"), asked("company", "impact"))
    assert then.sent == ["question"]
    assert then.due_at == datetime(2026, 10, 12, 8, 0, tzinfo=UTC)  # two hours from 8:00, without the pause


def test_a_colleague_of_the_customer_takes_part_from_then_on_but_is_not_written_to() -> None:
    then = what_follows(an_arrival(**{**NOTHING, "company": "Drukarnia AS"}, mail={"sender": "ewa@gmail.com"}), asked())
    assert "ewa@gmail.com" in then.ticket.participants
    assert [draft.to.key for draft in then.drafts if draft.kind == "acknowledgement"] == ["jan.kowalski@drukarnia.example"]


def test_danger_in_an_answer_brings_the_words_of_help_and_an_alarm() -> None:
    complete = a_ticket(facts=a_reading().facts)
    then = what_follows(says(Flag.DANGER), complete)
    assert then.sent == ["acknowledgement"]
    assert then.letter("follow_up").headline.startswith("ZAGROŻENIE!")
    assert what_follows(says(Flag.DANGER), queued(), by=Evidence.AGAIN).sent == ["receipt"]
    assert what_follows(says(Flag.DANGER), replace(complete, flags=frozenset({Flag.DANGER}))).sent == []  # said already


# ---- what changes nothing -----------------------------------------------------------------------------------------


def unchanged(before: Ticket, after: Ticket) -> bool:
    return replace(after, participants=before.participants, thread=before.thread) == before


@pytest.mark.parametrize(
    "ticket", [asked(), queued(), a_ticket(), a_ticket(status=Status.CLOSED, closed_at=NOW), a_ticket(status=Status.REVIEW)]
)
def test_thanks_alone_change_nothing_and_the_assignee_hears(ticket: Ticket) -> None:
    ticket = replace(ticket, assignee="ewa@oxiprint.com")
    then = what_follows(says(Flag.THANKS_ONLY), ticket)
    assert (then.sent, then.suppressed, then.told) == ([], [], ["ewa@oxiprint.com"])
    assert unchanged(ticket, then.ticket)


@pytest.mark.parametrize("ticket", [asked(), queued()])
def test_a_promise_waits_for_the_reminder(ticket: Ticket) -> None:
    then = what_follows(says(Flag.PROMISE, Flag.PROMISE_ONLY), ticket)
    assert (then.sent, unchanged(ticket, then.ticket), then.told) == ([], True, list(TEAM))
    assert not [effect for effect in then.plan.effects if isinstance(effect, CancelUnsent)]


def test_what_comes_with_a_promise_is_kept_and_the_rest_is_waited_for() -> None:
    then = what_follows(says(Flag.PROMISE, company="Drukarnia AS"), asked("company", "impact"))
    assert (then.sent, then.ticket.asked, then.ticket.missing, then.told) == ([], (Item.IMPACT,), (Item.IMPACT,), list(TEAM))
    assert then.letter("follow_up").changes == (("company", "", "Drukarnia AS"),)
    all_of_it = what_follows(says(Flag.PROMISE, company="Drukarnia AS"), asked())
    assert all_of_it.sent == ["acknowledgement"]


def test_danger_beside_a_promise_is_danger() -> None:
    then = what_follows(says(Flag.PROMISE, Flag.DANGER), asked("company"))
    assert then.letter("follow_up").headline.startswith("ZAGROŻENIE!")


def test_a_promise_after_closing_reopens() -> None:
    closed = asked(status=Status.CLOSED, closed_at=NOW, asked=(), asked_at=None)
    assert what_follows(says(Flag.PROMISE_ONLY), closed).ticket.status is Status.OPEN


@pytest.mark.parametrize("kind", [MailKind.AUTO_REPLY, MailKind.BULK, MailKind.BOUNCE])
@pytest.mark.parametrize("ticket", [asked(), queued(), a_ticket(status=Status.CLOSED, closed_at=NOW), a_ticket(status=Status.STARTED)])
def test_machine_mail_moves_nothing_and_is_not_answered(kind: MailKind, ticket: Ticket) -> None:
    then = what_follows(an_arrival(kind=kind, impact="critical", company="X"), ticket)
    assert (then.test, then.ticket, then.drafts, then.suppressed) == ("machine_on_ticket", ticket, [], [])
    assert then.concluded.consequence is Consequence.ATTACHED


@pytest.mark.parametrize("ticket", [asked(), a_ticket(status=Status.CLOSED, closed_at=NOW)])
def test_what_only_reads_like_a_machine_is_shown_to_staff(ticket: Ticket) -> None:
    then = what_follows(an_arrival(kind=MailKind.AUTO_REPLY, test="content"), ticket)
    assert (then.ticket, then.sent, then.told) == (ticket, [], list(TEAM))
    assert "automatyczną" in then.letter("follow_up").headline


def test_an_invitation_is_attached_and_told() -> None:
    then = what_follows(an_arrival(kind=MailKind.OTHER, test="calendar"), asked())
    assert (then.ticket, then.sent, then.told) == (asked(), [], list(TEAM))


def test_a_flood_is_attached_without_a_word_and_told_once_a_day() -> None:
    then = what_follows(an_arrival(), asked(), known=Known(tickets=(asked(),), flood=21))
    assert (then.test, then.ticket, then.sent) == ("flood", asked(), [])
    assert {draft.key for draft in then.drafts} == {f"alarm:flood:jan.kowalski@drukarnia.example:2026-10-12:{email}" for email in TEAM}


# ---- mails that crossed our question ------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [Evidence.STORED, Evidence.AGAIN, Evidence.SEEN])
def test_a_mail_written_before_the_question_was_sent_leaves_it_standing(by: Evidence) -> None:
    then = what_follows(says(), queued("company", "impact"), by=by)
    assert (then.sent, then.ticket.asked, then.ticket.questions) == ([], (Item.COMPANY, Item.IMPACT), 1)
    assert not [effect for effect in then.plan.effects if isinstance(effect, CancelUnsent)]
    assert then.told == list(TEAM)


def test_if_it_brought_something_the_unsent_question_gives_way_to_a_shorter_one() -> None:
    then = what_follows(says(company="Drukarnia AS"), queued("company", "impact"), by=Evidence.STORED)
    question = then.letter("question")
    assert (question.missing, question.again, then.ticket.questions, then.ticket.asked_at) == ((Item.IMPACT,), False, 1, None)


def test_if_it_brought_all_the_case_is_acknowledged() -> None:
    then = what_follows(says(company="Drukarnia AS"), queued(), by=Evidence.STORED)
    assert then.sent == ["acknowledgement"]
    assert [effect.kinds for effect in then.plan.effects if isinstance(effect, CancelUnsent)] == [("question", "question_reminder")]


def test_what_arrived_before_the_question_was_accepted_does_not_answer_it() -> None:
    earlier = replace(says(company="Drukarnia AS"), arrived_at=ASKED_AT - timedelta(minutes=1))
    then = what_follows(earlier, asked("company", "impact"), by=Evidence.STORED)
    assert (then.sent, then.ticket.status, then.ticket.asked) == ([], Status.WAITING, (Item.IMPACT,))
    assert then.ticket.cycle.pauses == (Pause(ASKED_AT),)
    done = what_follows(earlier, asked(), by=Evidence.STORED)
    assert (done.sent, done.ticket.cycle.pauses) == (["acknowledgement"], (Pause(ASKED_AT, ASKED_AT),))


@pytest.mark.parametrize("by", [Evidence.SIGNED, Evidence.MARK])
def test_who_knows_the_number_has_read_the_question(by: Evidence) -> None:
    assert what_follows(says(company="Drukarnia AS"), queued("company", "impact"), by=by).letter("question").again


def test_a_forgotten_file_is_no_answer_to_the_question() -> None:
    then = what_follows(says(Flag.FORGOT_SOMETHING), asked(), by=Evidence.AGAIN)
    assert (then.sent, then.ticket.status, then.ticket.asked) == ([], Status.WAITING, (Item.COMPANY,))


# ---- the same again -----------------------------------------------------------------------------------------------


def test_a_repeated_request_reaches_managers_and_starts_the_clock_again() -> None:
    then = what_follows(says(Flag.SAME_AGAIN), asked(), by=Evidence.AGAIN)
    assert then.told == [*TEAM, BOSS]
    assert (then.sent, then.due_at is not None) == (["receipt"], True)


# ---- after the end ------------------------------------------------------------------------------------------------


def closed(**changes: object) -> Ticket:
    base = a_ticket(
        status=Status.CLOSED, closed_at=NOW - timedelta(days=2), closed_why="done", started_at=NOW, started_by="jan@oxiprint.com"
    )
    return replace(base, **changes)


def test_a_reply_within_thirty_days_reopens_with_a_new_full_budget() -> None:
    then = what_follows(says(), closed(assignee="ewa@oxiprint.com"))
    ticket = then.ticket
    assert (ticket.status, ticket.closed_at, ticket.started_at, ticket.started_by, ticket.closed_why) == (Status.OPEN, None, None, "", "")
    assert (ticket.cycle.number, ticket.cycle.started_at, ticket.cycle.pauses) == (2, datetime(2026, 10, 12, 7, 0, tzinfo=UTC), ())
    assert then.sent == ["reopening"]
    assert then.letter("reopening").planned_start == then.due_at == datetime(2026, 10, 12, 13, 0, tzinfo=UTC)
    assert then.told == ["ewa@oxiprint.com"]


def test_what_staff_dismissed_is_judged_again_unless_it_is_a_case_now() -> None:
    dismissed = closed(closed_why="dismissed: an invoice")
    again = what_follows(says(), dismissed)
    assert (again.ticket.status, again.sent, again.due_at) == (Status.REVIEW, [], None)
    assert what_follows(an_arrival(), dismissed).ticket.status is Status.OPEN


def test_a_mail_on_a_review_is_only_told() -> None:
    then = what_follows(an_arrival(), a_ticket(status=Status.REVIEW))
    assert (then.ticket.status, then.sent, then.told) == (Status.REVIEW, [], list(TEAM))


def test_a_started_case_is_not_asked_about_any_more() -> None:
    started = asked("company", "impact", status=Status.STARTED, asked=(), asked_at=None, patience_ended=True)
    assert what_follows(says(company="Drukarnia AS"), started).sent == ["receipt"]
    assert what_follows(says(), started).sent == []
    done = what_follows(says(company="Drukarnia AS", impact="low"), started)
    assert (done.sent, done.letter("acknowledgement").planned_start, done.ticket.status) == (["acknowledgement"], None, Status.STARTED)


# ---- silence ------------------------------------------------------------------------------------------------------


def test_an_answer_that_may_not_be_answered_is_merged_and_staff_hear_why() -> None:
    then = what_follows(replace(says(company="AS"), verdict=replace(says().verdict, silence="podrobiony nadawca")), asked())
    assert (then.sent, then.suppressed) == ([], [("acknowledgement", "podrobiony nadawca")])
    assert "Klient NIE dostał automatycznej odpowiedzi: podrobiony nadawca" in then.letter("follow_up").notes


def test_a_second_question_that_is_kept_back_does_not_stand() -> None:
    muted = Known(tickets=(asked("company", "impact"),), muted="poczta nie dochodzi")
    then = what_follows(says(company="AS"), asked("company", "impact"), known=muted)
    assert (then.suppressed, then.ticket.asked, then.ticket.questions) == ([("question", "poczta nie dochodzi")], (), 1)
    assert then.due_at is not None


def test_a_requester_who_can_be_answered_now_is() -> None:
    silent = asked("company", "impact", silence="podrobiony nadawca", asked=(), asked_at=None, questions=0, status=Status.OPEN)
    then = what_follows(says(company="AS"), silent)
    assert (then.sent, then.ticket.silence, then.letter("question").again) == (["question"], "", False)
    assert "answered_again: answered automatically from now on; before: podrobiony nadawca" in then.history


def test_somebody_else_does_not_break_the_silence() -> None:
    silent = asked(silence="nadawca jest programem", status=Status.OPEN, asked=(), asked_at=None, questions=0)
    event = an_arrival(**{**NOTHING, "company": "AS"}, mail={"sender": "ewa@gmail.com"})
    then = what_follows(event, silent)
    assert (then.sent, then.ticket.silence) == ([], "nadawca jest programem")


def test_an_old_mail_moved_to_a_ticket_is_not_answered() -> None:
    then = what_follows(says(company="AS"), asked(), moved_to="OXI-2026-000001", by=Evidence.MOVED, history=True)
    assert (then.sent, then.ticket.missing) == ([], ())


def test_our_letters_stand_in_the_customers_thread() -> None:
    event = replace(says(company="AS"), mail=replace(says().mail, message_id="<answer>", references=("<q>",)))
    then = what_follows(event, replace(asked(), thread=("<m1@drukarnia.example>",)))
    assert then.ticket.thread == ("<m1@drukarnia.example>", "<answer>")
    assert then.drafts[0].thread.references == ("<q>", "<answer>")


def test_the_service_address_is_never_a_participant_without_a_sender() -> None:
    event = replace(says(company="AS"), mail=replace(says().mail, from_=None, from_count=0))
    assert what_follows(event, asked()).ticket.participants == asked().participants
