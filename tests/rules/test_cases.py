"""A case is opened: what the customer gets, what staff are told, what the ticket holds (rules 8 and 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailbot.model.facts import Fact, Flag, Impact, Item, Where
from mailbot.model.known import Known, RegisterEntry
from mailbot.model.mail import Address, Attachment, MailKind
from mailbot.model.plan import Consequence, Remember
from mailbot.model.service import Conversation
from mailbot.model.ticket import Status
from tests.build import NOTHING, a_mail, a_ticket, an_arrival
from tests.rules.outcome import BOSS, HOUSE, NOW, TEAM, what_follows

REGISTER = RegisterEntry(
    "Drukarnia AS sp. z o.o.", "Jan", "Kowalski", "+48600100200", (("OXIJET 3200", "SN-1"),), "2027-01-01", "Ewa Opiekun"
)


def missing(*names: str, **more):
    return an_arrival(**dict.fromkeys(names), **more)


# ---- the first letter ---------------------------------------------------------------------------------------------


def test_all_there_is_acknowledged() -> None:
    then = what_follows(an_arrival())
    assert (then.sent, then.ticket.status, then.ticket.asked, then.ticket.questions) == (["acknowledgement"], Status.OPEN, (), 0)
    assert then.letter("acknowledgement").planned_start == then.due_at == datetime(2026, 10, 12, 13, 0, tzinfo=UTC)  # 9:00 + 6 h


def test_exactly_what_is_missing_is_asked() -> None:
    then = what_follows(missing("last_name", "impact"))
    assert then.sent == ["question"]
    assert then.letter("question").missing == then.ticket.asked == (Item.NAME, Item.IMPACT)
    assert (then.ticket.questions, then.ticket.asked_at) == (1, None)


def test_a_question_that_is_not_delivered_yet_pauses_nothing() -> None:
    then = what_follows(missing("company"))
    assert (then.ticket.status, then.ticket.cycle.pauses, then.due_at is not None) == (Status.OPEN, (), True)
    assert "sla:50" in then.stages
    assert not [stage for stage in then.stages if stage.startswith("customer:")]


def test_the_clock_starts_at_arrival_whenever_the_mail_is_read() -> None:
    late = what_follows(an_arrival(at=datetime(2026, 10, 12, 6, 0, tzinfo=UTC)), now=datetime(2026, 10, 13, 9, 0, tzinfo=UTC))
    assert late.due_at == datetime(2026, 10, 12, 12, 0, tzinfo=UTC)
    assert late.ticket.opened_at == datetime(2026, 10, 12, 6, 0, tzinfo=UTC)


def test_the_level_is_the_default_until_one_is_named() -> None:
    assert what_follows(missing("impact")).ticket.impact is Impact.MEDIUM
    assert what_follows(an_arrival(impact="critical")).ticket.impact is Impact.CRITICAL


def test_outside_opening_hours_letters_go_at_once_and_say_when_the_desk_opens() -> None:
    then = what_follows(an_arrival(), now=datetime(2026, 10, 17, 10, 0, tzinfo=UTC))  # Saturday
    assert then.letter("acknowledgement").opens_at == datetime(2026, 10, 19, 6, 0, tzinfo=UTC)
    assert what_follows(an_arrival()).letter("acknowledgement").opens_at is None


@pytest.mark.parametrize(
    ("mail", "size_mb"),
    [({"damaged": "nagłówek uszkodzony"}, None), ({"partial": True, "size": 52_000_000}, 52)],
    ids=["damaged", "too large"],
)
def test_a_mail_that_could_not_be_read_gets_its_own_letter(mail: dict[str, object], size_mb: int | None) -> None:
    event = missing("description", "company")
    event = replace(event, mail=replace(event.mail, **mail))
    then = what_follows(event)
    assert (then.sent, then.letter("unreadable").size_mb, then.ticket.asked) == (["unreadable"], size_mb, ())
    assert then.letter("new_ticket").told == "unreadable"


def test_a_large_mail_whose_head_tells_enough_is_a_mail_like_others() -> None:
    event = an_arrival(mail={"partial": True, "size": 52_000_000})
    assert what_follows(event).sent == ["acknowledgement"]


def test_no_questions_at_all_if_the_config_says_so() -> None:
    service = replace(HOUSE, conversation=Conversation(max_questions=0))
    assert what_follows(missing("company"), service=service).sent == ["receipt"]


# ---- silence is not deafness --------------------------------------------------------------------------------------


SILENT = {
    "the mail": (an_arrival(silence="nadawca jest programem", company=None), Known(), "nadawca jest programem"),
    "the address": (an_arrival(company=None), Known(muted="poczta nie dochodzi"), "poczta nie dochodzi"),
}


@pytest.mark.parametrize("why", SILENT)
def test_what_may_not_be_answered_still_opens_a_ticket_with_a_running_clock(why: str) -> None:
    event, known, reason = SILENT[why]
    then = what_follows(event, known=known)
    assert (then.sent, then.suppressed) == ([], [("question", reason)])
    assert (then.ticket.status, then.ticket.asked, then.ticket.silence) == (Status.OPEN, (), reason)
    assert then.due_at is not None
    assert then.letter("new_ticket").told == ""
    assert f"Klient NIE dostał automatycznej odpowiedzi: {reason}" in then.letter("new_ticket").notes


def test_a_mail_without_a_sender_opens_a_ticket_too() -> None:
    event = an_arrival(silence="nie da się odczytać nadawcy")
    event = replace(event, mail=a_mail(from_=None, from_count=0))
    then = what_follows(event)
    assert (then.ticket.requester.email, then.ticket.answer_to, then.sent, then.suppressed) == ("", None, [], [])
    assert "not_sent: no sender address that can be written to" in then.history
    assert then.letter("new_ticket").told == ""


def test_a_machines_mail_that_staff_want_as_a_ticket_is_not_answered() -> None:
    then = what_follows(an_arrival(kind=MailKind.BULK), moved_to="new")
    assert (then.test, then.sent, then.ticket.silence) == ("moved_to_new", [], "wiadomość napisał program")


def test_an_old_mail_that_staff_want_as_a_ticket_is_not_answered() -> None:
    then = what_follows(an_arrival(), moved_to="new", history=True)
    assert (then.sent, then.suppressed) == ([], [("acknowledgement", "wiadomość jest starsza niż imap.answer_since")])


# ---- what staff are told ------------------------------------------------------------------------------------------


def test_each_of_the_team_and_the_people_is_told_of_a_new_ticket() -> None:
    then = what_follows(missing("company"))
    notice = then.letter("new_ticket")
    assert then.to_staff == [f"new_ticket {email}" for email in TEAM]
    assert (notice.told, notice.due_at, notice.mail.text, notice.alarm) == ("question", then.due_at, "nie drukuje magenty", False)


def test_the_notice_names_files_remarks_and_danger() -> None:
    files = (Attachment("zdjecie.jpg", "image/jpeg", 10),)
    then = what_follows(an_arrival(Flag.DANGER, Flag.THIRD_PARTY, mail={"attachments": files}))
    notice = then.letter("new_ticket")
    assert (notice.alarm, notice.mail.attachments) == (True, ("zdjecie.jpg",))
    assert [note for note in notice.notes if note.startswith("Dotyczy produktu innej firmy")]
    assert then.ticket.flags == {Flag.DANGER, Flag.THIRD_PARTY}


def test_a_repeated_request_without_a_ticket_reaches_managers() -> None:
    assert BOSS in what_follows(an_arrival(Flag.SAME_AGAIN)).told
    assert BOSS not in what_follows(an_arrival()).told


def test_flags_of_one_mail_do_not_stay_on_the_case() -> None:
    assert what_follows(an_arrival(Flag.ANNOYED, Flag.COMPLAINT)).ticket.flags == {Flag.COMPLAINT}


# ---- what the ticket holds ----------------------------------------------------------------------------------------


def test_facts_carry_their_mail_and_the_sender_is_the_contact() -> None:
    ticket = what_follows(an_arrival()).ticket
    assert {fact.mail for _, fact in ticket.facts.found()} == {17}
    assert ticket.facts.email == Fact("jan.kowalski@drukarnia.example", Where.SENDER, "jan.kowalski@drukarnia.example", mail=17)


def test_an_answer_goes_to_a_reply_to_of_the_same_house_and_who_has_it_takes_part() -> None:
    ticket = what_follows(an_arrival(mail={"reply_to": (Address("", "biuro@drukarnia.example"),)})).ticket
    assert ticket.answer_to == Address("", "biuro@drukarnia.example")
    assert ticket.participants == {"jan.kowalski@drukarnia.example", "biuro@drukarnia.example"}


def test_the_consequence_and_the_thread() -> None:
    inner = a_mail(message_id="<inner@x>")
    then = what_follows(an_arrival(mail={"references": ("<r1>", "<r2>"), "attached": (inner,)}))
    assert (then.concluded.consequence, then.concluded.ticket, then.concluded.journal) == (Consequence.OPENED, 7, 17)
    (remember,) = (effect for effect in then.plan.effects if isinstance(effect, Remember))
    assert (remember.message_ids, remember.seen) == (("<m1@drukarnia.example>",), ("<r1>", "<r2>", "<inner@x>"))
    assert then.drafts[0].thread.in_reply_to == "<m1@drukarnia.example>"
    assert then.ticket.thread == ("<m1@drukarnia.example>",)


def test_keys_are_made_of_the_mail_and_of_where_staff_moved_it() -> None:
    assert what_follows(an_arrival()).drafts[0].key == "acknowledgement:mail:17:jan.kowalski@drukarnia.example"
    moved = what_follows(an_arrival(), moved_to="new").drafts[0].key
    assert moved == "acknowledgement:mail:17:OXI-2026-000007:jan.kowalski@drukarnia.example"


# ---- the register -------------------------------------------------------------------------------------------------


def test_what_the_register_knows_is_not_asked() -> None:
    then = what_follows(missing("first_name", "last_name", "company", "device"), known=Known(register=REGISTER))
    assert (then.sent, then.ticket.missing) == (["acknowledgement"], ())
    assert then.ticket.facts.device == Fact("OXIJET 3200", Where.REGISTER, "customer register")
    notes = then.letter("new_ticket").notes
    assert [note for note in notes if note.endswith("nie od klienta: imię, nazwisko, telefon, firma, urządzenie, nr seryjny")]


def test_what_the_mail_says_beats_the_register() -> None:
    facts = what_follows(an_arrival(company="Nowa Drukarnia"), known=Known(register=REGISTER)).ticket.facts
    assert facts.company
    assert facts.company.value == "Nowa Drukarnia"


def test_by_the_domain_alone_nobody_is_named() -> None:
    then = what_follows(missing("first_name", "last_name", "company"), known=Known(register=replace(REGISTER, by="domain")))
    assert then.letter("question").missing == (Item.NAME,)


def test_of_several_machines_none_is_guessed_and_staff_see_them() -> None:
    two = replace(REGISTER, devices=(("OXIJET 3200", "SN-1"), ("OXI CUT 1625", "SN-2")))
    then = what_follows(missing("device"), known=Known(register=two))
    assert then.letter("question").missing == (Item.DEVICE,)
    assert "Maszyny klienta: OXIJET 3200 SN-1, OXI CUT 1625 SN-2" in then.letter("new_ticket").notes


def test_another_makers_machine_is_not_taken_for_the_registered_one() -> None:
    then = what_follows(an_arrival(Flag.OTHER_MAKER, device=None), known=Known(register=REGISTER))
    assert (then.letter("question").missing, then.ticket.flags) == ((Item.DEVICE,), {Flag.OTHER_MAKER})


def test_half_a_name_is_completed_only_where_it_is_the_same_person() -> None:
    ewa = replace(REGISTER, first_name="Ewa", last_name="Nowak")
    assert what_follows(missing("last_name"), known=Known(register=REGISTER)).ticket.facts.full_name == "Jan Kowalski"
    assert what_follows(missing("last_name"), known=Known(register=ewa)).ticket.facts.full_name == "Jan"


# ---- review, links ------------------------------------------------------------------------------------------------


def test_a_persons_mail_that_is_no_request_is_reviewed_without_a_word_to_them() -> None:
    then = what_follows(an_arrival(kind=MailKind.OTHER, test="content"))
    assert (then.test, then.ticket.status, then.sent, then.suppressed) == ("other", Status.REVIEW, [], [])
    assert (then.due_at, then.stages, then.told) == (None, [], list(TEAM))


def test_a_strangers_number_links_the_ticket_for_staff() -> None:
    other = a_ticket()
    then = what_follows(an_arrival(**NOTHING, mail={"sender": "obcy@x.example", "subject": "Re: [OXI-2026-000001]"}), linked=(other,))
    assert (then.test, then.ticket.id, then.ticket.links) == ("request", 7, ("OXI-2026-000001",))
    assert "Powiązane zgłoszenia: OXI-2026-000001" in then.letter("new_ticket").notes
    assert then.letter("question").ticket.facts.company is None


def test_after_thirty_days_a_reply_to_a_closed_ticket_opens_a_new_one_with_a_link() -> None:
    closed = a_ticket(status=Status.CLOSED, closed_at=datetime(2026, 9, 1, tzinfo=UTC))
    then = what_follows(an_arrival(), closed)
    assert (then.test, then.ticket.id, then.ticket.links, then.sent) == ("too_late_to_reopen", 7, (closed.number,), ["acknowledgement"])


def test_an_invoice_in_answer_to_a_closed_ticket_is_reviewed_not_opened() -> None:
    closed = a_ticket(status=Status.CLOSED, closed_at=datetime(2026, 9, 1, tzinfo=UTC))
    then = what_follows(an_arrival(kind=MailKind.OTHER), closed)
    assert (then.ticket.status, then.ticket.links, then.sent) == (Status.REVIEW, (closed.number,), [])


@pytest.mark.parametrize(("event", "reason"), [
    (an_arrival(kind=MailKind.AUTO_REPLY, test="auto_submitted"), "machine: auto_submitted"),
    (an_arrival(kind=MailKind.OWN, test="own_mark"), "own: own_mark"),
    (an_arrival(spam=True), "spam: Our server calls it spam, and the sender is unknown."),
])  # fmt: skip
def test_what_is_ignored_has_a_reason(event, reason: str) -> None:
    then = what_follows(event)
    assert (then.concluded.consequence, then.concluded.reason, len(then.plan.effects)) == (Consequence.IGNORED, reason, 1)


def test_a_duplicate_names_the_first() -> None:
    assert what_follows(an_arrival(), known=Known(duplicate_of=3)).concluded.reason == "duplicate delivery of mail 3"


def test_old_mail_is_adopted_without_a_ticket() -> None:
    then = what_follows(an_arrival(kind=MailKind.BOUNCE), history=True)
    assert then.concluded.reason == "adopted: It arrived before mailbot was to answer mail: kept as history."


def test_now_is_not_the_arrival() -> None:
    assert an_arrival().arrived_at != NOW  # the examples above tell them apart
