"""Colleagues by mail: who may command, what a letter to the customer starts, and tickets for a customer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailbot.model.facts import Flag, Impact, Item
from mailbot.model.known import Known, TicketSummary
from mailbot.model.mail import Address, MailKind
from mailbot.model.plan import AddMessage, Direction
from mailbot.model.service import Conversation, Person
from mailbot.model.ticket import Status
from mailbot.rules.match import Evidence
from tests.build import a_mail, a_reading, a_service, a_ticket, an_arrival
from tests.rules.outcome import BOSS, HOUSE, NOW, TEAM, a_notice, what_follows

JAN, TECH = "jan@oxiprint.com", "technik@oxiprint.com"
CUSTOMER = Address("", "jan.kowalski@drukarnia.example")
TICKET = a_ticket()


def writes(text: str, *, sender: str = JAN, name: str = "Jan Nowak", kind: MailKind = MailKind.STAFF, answers: str = "<notice>", **mail):
    ids = (answers,) if answers else ()
    fields = {"sender": sender, "name": name, "in_reply_to": ids, "message_id": "<staff@oxiprint.com>", **mail}
    return an_arrival(kind=kind, mail=fields, reading=replace(a_reading(), new_text=text, on_behalf_of=None))


def answers_notice(text: str, *, notice=None, ticket=TICKET, service=HOUSE, by=Evidence.SIGNED, flood: int = 0, **mail):
    known = Known(tickets=(ticket,), sent=(notice or a_notice(),), flood=flood)
    return what_follows(writes(text, **mail), ticket, known=known, service=service, by=by)


# ---- commands -----------------------------------------------------------------------------------------------------


def test_a_command_in_answer_to_ones_own_notice_is_done_and_told_to_its_author_alone() -> None:
    then = answers_notice("rozpocznij")
    assert (then.test, then.ticket.status, then.ticket.started_by, then.due_at) == ("command", Status.STARTED, JAN, None)
    assert (then.to_staff, then.sent) == ([f"command_result {JAN}"], [])
    assert (then.concluded.kind, then.concluded.reason) == ("staff", "a colleague's command")


def test_several_commands_each_with_its_line() -> None:
    then = answers_notice("wpływ krytyczny\n#start\nwznów")
    lines = then.letter("command_result").lines
    assert (then.ticket.impact, then.ticket.status, len(lines)) == (Impact.CRITICAL, Status.STARTED, 3)
    assert lines[2].startswith("Nie wykonano: ")


def test_an_unclear_line_is_explained_and_not_guessed() -> None:
    then = answers_notice("wpływ ogromny")
    assert then.ticket.impact is Impact.HIGH
    assert "ogromny" in then.letter("command_result").lines[0]


def test_help_lists_the_commands_a_line_each() -> None:
    assert len(answers_notice("pomoc").letter("command_result").lines) > 8


def test_a_text_without_a_command_is_a_note_and_answered_once() -> None:
    then = answers_notice("Dzwoniłem, oddzwonią po 14.")
    assert then.ticket == TICKET
    assert then.letter("command_result").lines[0].startswith("OXI-2026-000001: zapisano notatkę. NIE wysłano jej do klienta")
    (note,) = (effect for effect in then.plan.effects if isinstance(effect, AddMessage))
    assert (note.direction, note.text) == (Direction.NOTE, "Dzwoniłem, oddzwonią po 14.")


def test_that_answer_cannot_loop() -> None:
    told = a_notice(kind="command_result")
    then = answers_notice("Jestem na urlopie do piątku.", notice=told)
    assert (then.drafts, then.concluded.reason) == ([], "a colleague's note")
    assert answers_notice("start", notice=told).to_staff == [f"command_result {JAN}"]  # a person goes on
    assert answers_notice("start", flood=21).drafts == []  # a program that commands is not answered for ever


REFUSED = {
    "the notice went to somebody else": {"notice": a_notice("ewa@oxiprint.com")},
    "a shared address may not command": {"notice": a_notice(TECH), "sender": TECH},
    "several senders": {"from_count": 2},
    "our server says that it is forged": {
        "service": replace(HOUSE, authserv_id="mx.oxiprint.com"),
        "headers": (("authentication-results", "mx.oxiprint.com; dmarc=fail header.from=oxiprint.com"),),
    },
    "not a colleague's address": {"sender": "jan.nowak@gmail.com", "kind": MailKind.REQUEST, "by": Evidence.NOTICE},
    "a customer's letter was answered": {"notice": a_notice("jan.kowalski@drukarnia.example", kind="question", audience="customer")},
}


@pytest.mark.parametrize("why", REFUSED)
def test_else_it_is_a_note_and_staff_are_told(why: str) -> None:
    then = answers_notice("rozpocznij", **REFUSED[why])
    assert then.ticket == TICKET
    assert then.sent == []
    assert set(TEAM) <= set(then.told)
    assert then.letter("follow_up").headline.startswith("Polecenia NIE wykonano: wiadomość ")
    assert [line for line in then.history if line.startswith("command_refused: mail 17 of ")]


def test_a_strangers_command_is_not_answered_to_him() -> None:
    assert "jan.nowak@gmail.com" not in answers_notice("start", **REFUSED["not a colleague's address"]).told


@pytest.mark.parametrize("by", [Evidence.MARK, Evidence.STORED])
def test_a_forged_from_without_a_notice_leaves_a_trace_that_the_real_colleague_sees(by: Evidence) -> None:
    then = what_follows(writes("rozpocznij", answers=""), TICKET, by=by)
    assert (then.test, then.ticket.status) == ("staff_note", Status.OPEN)
    assert JAN in then.told


def test_a_verdict_of_another_server_says_nothing() -> None:
    foreign = (("authentication-results", "mx.evil.example; dmarc=fail header.from=oxiprint.com"),)
    then = answers_notice("start", service=replace(HOUSE, authserv_id="mx.oxiprint.com"), headers=foreign)
    assert then.ticket.status is Status.STARTED


def test_words_to_the_customer_carry_the_colleagues_name_and_no_secret_id() -> None:
    ticket = replace(TICKET, thread=("<m1@drukarnia.example>",))
    then = answers_notice("odpowiedz: Będziemy jutro o 9.", ticket=ticket, references=("<notice>",))
    (draft,) = (draft for draft in then.drafts if draft.kind == "staff_reply")
    assert (draft.letter.text, draft.letter.author, draft.automatic) == ("Będziemy jutro o 9.", "Jan Nowak", False)
    assert (draft.thread.in_reply_to, draft.thread.references) == ("<m1@drukarnia.example>", ("<m1@drukarnia.example>",))
    assert (then.ticket.status, then.ticket.started_by) == (Status.STARTED, JAN)


def test_two_replies_in_one_mail_are_two_letters() -> None:
    then = answers_notice("#odpowiedz Pierwsza.\n#odpowiedz Druga.")
    assert len({draft.key for draft in then.drafts if draft.kind == "staff_reply"}) == 2


# ---- starting a case without a tool -------------------------------------------------------------------------------


def to_customer(**mail):
    return writes("Już jadę.", answers="<m1@drukarnia.example>", to=(CUSTOMER,), **mail)


def test_a_colleague_who_writes_to_the_customer_has_started_the_case() -> None:
    then = what_follows(to_customer(), TICKET, by=Evidence.STORED)
    assert (then.test, then.ticket.status, then.ticket.started_at, then.ticket.started_by) == ("started", Status.STARTED, NOW, JAN)
    assert (then.due_at, then.stages, then.sent) == (None, [], [])
    assert then.told == [TECH]  # the others, not the one who did it
    (message,) = (effect for effect in then.plan.effects if isinstance(effect, AddMessage))
    assert (message.direction, message.sender) == (Direction.OUT, JAN)


def test_found_in_the_sent_folder_under_the_shared_address_it_is_the_person_whose_name_it_shows() -> None:
    by_name = what_follows(to_customer(sender="serwis@oxiprint.com", name="Jan Nowak | Serwis"), TICKET, role="sent")
    assert (by_name.ticket.started_by, by_name.ticket.assignee) == (JAN, JAN)
    nobody = what_follows(to_customer(sender="serwis@oxiprint.com", name="Serwis OXIPRINT"), TICKET, role="sent")
    assert (nobody.ticket.started_by, nobody.ticket.assignee) == ("serwis@oxiprint.com", "")
    domain = a_service(staff_domains=("oxiprint.com",))
    assert (
        what_follows(to_customer(sender="serwis@oxiprint.com"), TICKET, role="sent", service=domain).ticket.assignee
        != "serwis@oxiprint.com"
    )


def test_a_started_case_stays_with_whoever_has_it() -> None:
    then = what_follows(to_customer(), replace(TICKET, assignee="ewa@oxiprint.com"))
    assert (then.ticket.assignee, then.ticket.started_by, then.told) == ("ewa@oxiprint.com", JAN, ["ewa@oxiprint.com"])


@pytest.mark.parametrize("status", [Status.STARTED, Status.CLOSED])
def test_later_mails_to_the_customer_are_kept_quietly(status: Status) -> None:
    ticket = replace(TICKET, status=status)
    then = what_follows(to_customer(), ticket)
    assert (then.ticket, then.drafts) == (ticket, [])


def test_only_the_number_in_the_subject_starts_too_but_everybody_hears() -> None:
    then = what_follows(to_customer(), TICKET, by=Evidence.MARK)
    assert (then.ticket.status, then.told) == (Status.STARTED, list(TEAM))


def test_words_among_colleagues_are_a_note() -> None:
    then = what_follows(writes("Kto jedzie?", answers=""), TICKET, by=Evidence.STORED)
    assert (then.test, then.ticket, then.told) == ("staff_note", TICKET, [TECH])


# ---- on behalf of a customer --------------------------------------------------------------------------------------


def passes_on(text: str = "", *, customer: str | None = "ewa@druk.example", **changes):
    event = writes(text, answers="", subject="PD: awaria")
    return replace(event, reading=replace(event.reading, on_behalf_of=customer, new_text=text, **changes))


def test_a_forward_opens_a_ticket_for_the_customer_who_is_not_written_to() -> None:
    then = what_follows(passes_on("Do załatwienia"))
    assert (then.test, then.ticket.requester.email, then.ticket.participants) == ("on_behalf", "ewa@druk.example", {"ewa@druk.example"})
    assert then.sent == []
    assert then.suppressed == [("acknowledgement", f"zgłoszenie przekazał pracownik ({JAN})")]
    assert then.to_staff == [f"new_ticket {TECH}", f"command_result {JAN}"]
    assert then.due_at is not None


def test_the_colleague_gets_the_acknowledgement() -> None:
    event = passes_on("Do załatwienia", facts=a_reading(company=None).facts)
    then = what_follows(event)
    lines = then.letter("command_result").lines
    assert lines[0] == "Otwarto zgłoszenie OXI-2026-000007 dla ewa@druk.example."
    assert "OXIJET 3200" in lines[1]
    assert lines[2].endswith(": firma.")
    assert then.ticket.asked == ()  # nobody was asked


@pytest.mark.parametrize(
    ("text", "config", "answered"),
    [
        ("Proszę odpowiedzieć klientowi", False, True),
        ("Please reply to the customer", False, True),
        ("Do załatwienia", True, True),
        ("Nie odpisujcie klientowi", True, False),
        ("Do załatwienia", False, False),
    ],
)
def test_the_customer_is_answered_only_if_the_colleague_or_the_config_says_so(text: str, config: bool, answered: bool) -> None:
    service = replace(HOUSE, conversation=Conversation(answer_forwarded=config))
    then = what_follows(passes_on(text), service=service)
    assert then.sent == (["acknowledgement"] if answered else [])


def test_a_letter_to_that_customer_has_no_part_in_the_colleagues_thread() -> None:
    inner = a_mail(message_id="<from-ewa>")
    event = passes_on("Odpowiedz klientowi")
    event = replace(event, mail=replace(event.mail, attached=(inner,), references=("<internal>",)))
    (draft,) = (draft for draft in what_follows(event).drafts if draft.kind == "acknowledgement")
    assert (draft.to.email, draft.thread.in_reply_to, draft.thread.references) == ("ewa@druk.example", "<from-ewa>", ("<from-ewa>",))


def test_not_to_a_program_nor_on_a_forgers_word() -> None:
    assert what_follows(passes_on("Odpowiedz klientowi", customer="noreply@druk.example")).sent == []
    event = passes_on("Odpowiedz klientowi")
    assert what_follows(replace(event, verdict=replace(event.verdict, silence="podrobiony nadawca"))).sent == []


def test_other_open_tickets_of_that_customer_are_named() -> None:
    older = TicketSummary(3, "OXI-2026-000003", Status.OPEN, "x", NOW, NOW, None, "ewa@druk.example", "")
    gone = TicketSummary(2, "OXI-2026-000002", Status.CLOSED, "x", NOW, NOW, NOW, "ewa@druk.example", "")
    then = what_follows(passes_on(), known=Known(recent=(older, gone)))
    assert "Inne otwarte zgłoszenia tego klienta: OXI-2026-000003" in then.letter("new_ticket").notes


def test_the_customer_who_then_writes_is_asked_for_the_first_time() -> None:
    opened = what_follows(passes_on("Do załatwienia", facts=a_reading(company=None, impact=None).facts)).ticket
    event = an_arrival(company=None, impact=None, mail={"sender": "ewa@druk.example"})
    then = what_follows(event, opened)
    assert (then.sent, then.letter("question").again, then.letter("question").missing) == (["question"], False, (Item.COMPANY, Item.IMPACT))


def test_a_colleagues_other_mail_is_reviewed_with_one_answer_how_to_name_the_customer() -> None:
    then = what_follows(passes_on("Pogadajmy", customer=None))
    assert (then.test, then.ticket.status, then.sent) == ("staff_review", Status.REVIEW, [])
    assert then.to_staff == [f"new_ticket {TECH}", f"command_result {JAN}"]
    assert "w imieniu: adres@klienta" in " ".join(then.letter("command_result").lines)


def test_managers_are_not_bothered_by_any_of_it() -> None:
    assert BOSS not in what_follows(passes_on()).told
    assert Flag.ON_BEHALF not in what_follows(passes_on()).ticket.flags


def test_part_of_a_name_is_no_persons_when_two_share_it() -> None:
    two = a_service(people=(Person("Jan Nowak", JAN), Person("Jan Lis", "lis@oxiprint.com")))
    then = what_follows(to_customer(sender="serwis@oxiprint.com", name="Jan"), TICKET, role="sent", service=two)
    assert then.ticket.started_by == "serwis@oxiprint.com"
