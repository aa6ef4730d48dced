"""Staff by mail, by the Sent folder and on the command line: rows and letters."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailbot.errors import Permanent
from mailbot.model.command import Command, Unclear, Verb, Why
from mailbot.model.ticket import Status
from mailbot.rules.planning import WrongTurn
from mailbot.steps import staff
from tests.crash.desk import MONDAY
from tests.steps.road import Road, body, words
from tests.system.letters import mail, reply, request

EWA, JAN, TECH, DESK = "ewa@lis.example", "jan@oxiprint.com", "technik@oxiprint.com", "serwis@oxiprint.com"
JAN_NOWAK = f"Jan Nowak <{JAN}>"


def notice(road: Road, recipient: str = JAN) -> EmailMessage:
    """The first notice to a colleague."""
    road.say(request(EWA))
    return road.letters(recipient)[0]


def answer(letter: EmailMessage, text: str, sender: str = JAN_NOWAK, **how: str) -> bytes:
    return reply(letter.as_bytes(policy=SMTP), sender, text, **how)


def test_a_command_of_the_notices_owner_is_done_and_answered(any_road: Road) -> None:
    road = any_road
    number = road.say(answer(notice(road), "rozpocznij"))
    ticket = road.ticket()
    assert (ticket.status, ticket.started_by, ticket.assignee) == (Status.STARTED, JAN, JAN)
    assert (road.mail(number)["consequence"], road.mail(number)["kind"]) == ("attached", "staff")
    assert road.kinds(JAN) == ["new_ticket", "command_result"]
    assert road.kinds(TECH) == ["new_ticket"]
    assert road.letters(JAN)[-1]["Auto-Submitted"] == "auto-replied"


def test_the_secret_of_a_notice_is_nowhere_but_in_its_message_id(road: Road) -> None:
    letter = notice(road)
    secret = str(letter["Message-ID"]).strip("<>").partition("@")[0]
    assert secret not in body(letter)
    assert secret not in str(letter["Subject"])
    road.say(answer(letter, "odpowiedz: Będziemy jutro o 9."))
    words = road.letters(EWA, "staff_reply")[0]
    assert secret not in words.as_string()
    assert words["In-Reply-To"] == str(parsed_id(road))
    assert (str(words["From"]), words["Auto-Submitted"]) == ('"Jan Nowak (Serwis OXIPRINT)" <serwis@oxiprint.com>', None)
    assert "Będziemy jutro o 9." in body(words)
    assert road.ticket().status is Status.STARTED


def parsed_id(road: Road) -> str:
    (row,) = road.rows("SELECT message_id FROM journal WHERE id = 1")
    return str(row["message_id"])


@pytest.mark.parametrize("to", [JAN, TECH])
def test_a_forged_from_does_nothing_and_leaves_a_trace(road: Road, to: str) -> None:
    road.say(request(EWA))
    road.say(mail(JAN_NOWAK, "Re: [OXI-2026-000001] Nowe zgłoszenie", "rozpocznij"))
    assert road.ticket().status is Status.OPEN
    assert "command_refused" in road.history()
    assert any("Polecenia NIE wykonano" in body(letter) for letter in road.letters(to))


def test_anothers_notice_is_no_licence(road: Road) -> None:
    letter = notice(road, TECH)
    road.say(answer(letter, "zamknij"))
    assert (road.ticket().status, road.history()[-1]) == (Status.OPEN, "command_refused")


def test_a_text_without_a_command_is_saved_and_answered_once_not_for_ever(road: Road) -> None:
    road.say(answer(notice(road), "Dzwoniłem, oddzwonią po 14."))
    told = road.letters(JAN)[-1]
    assert "NIE wysłano jej do klienta" in body(told)
    for _ in range(3):
        road.say(answer(road.letters(JAN)[-1], "Jestem na urlopie."))
    assert road.kinds(JAN) == ["new_ticket", "command_result"]
    notes = road.rows("SELECT text FROM message WHERE direction = 'note' ORDER BY id")
    assert len(notes) == 4
    assert road.kinds(EWA) == ["acknowledgement"]


# ---- starting a case without a tool -------------------------------------------------------------------------------


def test_a_reply_in_the_sent_folder_stops_the_clock(road: Road) -> None:
    first = request(EWA)
    road.say(first)
    number = road.say(reply(first, f"Jan Nowak <{DESK}>", "Już jadę.", to=EWA), role="sent")
    ticket = road.ticket()
    assert (ticket.status, ticket.started_by, ticket.started_at) == (Status.STARTED, JAN, MONDAY)
    assert road.mail(number)["consequence"] == "attached"
    (row,) = road.rows("SELECT due_at FROM ticket")
    assert row["due_at"] is None
    assert road.rows("SELECT stage FROM timer WHERE done_at IS NULL") == []
    assert road.kinds(EWA) == ["acknowledgement"]


def test_a_colleague_who_answers_the_customer_with_the_desk_in_copy_too(road: Road) -> None:
    first = request(EWA)
    road.say(first)
    road.say(reply(first, JAN_NOWAK, "Już jadę.", to=EWA, cc=DESK))
    assert (road.ticket().status, road.ticket().started_by) == (Status.STARTED, JAN)
    assert road.kinds(TECH)[-1] == "follow_up"


def test_both_copies_of_that_answer_are_kept_and_start_it_once(road: Road) -> None:
    first = request(EWA)
    road.say(first)
    words = reply(first, f"Jan Nowak <{DESK}>", "Już jadę.", to=EWA, cc=DESK)
    one, other = road.say(words, role="sent"), road.say(words)
    assert [road.mail(number)["consequence"] for number in (one, other)] == ["attached", "attached"]
    assert road.history().count("started") == 1


def test_other_mail_in_the_sent_folder_is_nobodys_business(road: Road) -> None:
    number = road.say(mail(f"Jan Nowak <{DESK}>", "oferta", "Dzień dobry", to="dostawca@x.example"), role="sent")
    assert (road.mail(number)["consequence"], road.tickets()) == ("ignored", [])


def test_what_a_colleague_writes_to_the_desk_itself_is_not_lost_for_its_copy_in_sent(road: Road) -> None:
    words = mail(f"Jan Nowak <{DESK}>", "do wszystkich", "w imieniu: ewa@lis.example\nOXIJET 3200 nie drukuje magenty.")
    assert road.mail(road.say(words, role="sent"))["consequence"] == "ignored"
    assert road.mail(road.say(words))["consequence"] == "opened"
    assert road.ticket().requester.email == EWA


# ---- on behalf of a customer --------------------------------------------------------------------------------------

FORWARD = """{words}

-----Original Message-----
From: Ewa Lis <ewa@lis.example>
Sent: Monday, October 12, 2026 7:40 AM
To: Jan Nowak <jan@oxiprint.com>
Subject: awaria

Dzień dobry,
OXIJET 3200 nie drukuje magenty, produkcja stoi.

Ewa Lis
Drukarnia Lis sp. z o.o.
"""


@pytest.mark.parametrize(("says", "answered"), [("Do załatwienia.", False), ("Proszę odpisać klientowi.", True)])
def test_a_forward_opens_a_ticket_for_the_customer(road: Road, says: str, answered: bool) -> None:
    road.say(mail(JAN_NOWAK, "PD: awaria", FORWARD.format(words=says)))
    ticket = road.ticket()
    assert (ticket.requester.email, ticket.facts.company.value) == (EWA, "Drukarnia Lis sp. z o.o.")
    assert bool(road.kinds(EWA)) is answered
    assert (road.kinds(JAN), road.kinds(TECH)) == (["command_result"], ["new_ticket"])
    assert f"dla {EWA}" in body(road.letters(JAN)[0])


def test_a_colleagues_other_mail_is_reviewed_with_one_answer(road: Road) -> None:
    road.say(mail(JAN_NOWAK, "kawa", "Kto idzie na kawę?"))
    assert road.ticket().status is Status.REVIEW
    assert "w imieniu: adres@klienta" in words(road.letters(JAN)[0])
    road.say(answer(road.letters(JAN)[0], "odrzuć"))
    assert road.ticket().status is Status.CLOSED


# ---- the command line ---------------------------------------------------------------------------------------------


def do(road: Road, verb: Verb, argument: str = "", number: str = "1", **fields: str) -> str:
    return staff.carry_out(road.desk, number, Command(verb, argument, tuple(fields.items())), "root", f"command:{verb}:{argument}")


def test_commands_on_the_command_line(road: Road) -> None:
    road.say(request(EWA, leave_out="Nazwa firmy"))
    assert "zapisano" in do(road, Verb.SET, company="Drukarnia Lis")
    assert (road.ticket().missing, road.ticket().status) == ((), Status.OPEN)
    assert "krytyczny" in do(road, Verb.IMPACT, "critical", number="OXI-2026-000001")
    assert "przypisano" in do(road, Verb.ASSIGN, "nowak")
    road.send()
    assert road.kinds(JAN)[-1] == "follow_up"
    do(road, Verb.START)
    with pytest.raises(WrongTurn, match="rozpoczęte"):
        do(road, Verb.ACCEPT)
    do(road, Verb.CLOSE, "gotowe")
    do(road, Verb.REOPEN)
    assert (road.ticket().status, road.ticket().cycle.started_at) == (Status.OPEN, MONDAY)
    assert [what for what in road.history() if what in ("set", "impact", "assigned", "started", "closed", "reopened")] == [
        "set", "impact", "assigned", "started", "closed", "reopened",
    ]  # fmt: skip


def test_an_unknown_ticket_and_an_unclear_command_are_refused(road: Road) -> None:
    with pytest.raises(Permanent, match="there is no ticket"):
        do(road, Verb.START)
    with pytest.raises(Permanent):
        staff.carry_out(road.desk, "1", Unclear("wpływ ogromny", Why.NEEDS_LEVEL), "root", "cause")


def test_a_refused_command_changes_nothing(road: Road) -> None:
    road.say(request(EWA))
    before = road.ticket()
    with pytest.raises(WrongTurn):
        do(road, Verb.DISMISS)
    assert road.ticket() == before


def test_a_ticket_for_a_customer_on_the_phone(road: Road) -> None:
    number = staff.open_ticket(road.desk, (("first_name", "Ewa"), ("last_name", "Lis"), ("email", EWA), ("impact", "high")), "root")
    road.send()
    assert (number, road.ticket().status, road.kinds(EWA)) == ("OXI-2026-000001", Status.OPEN, [])
    assert road.kinds(TECH) == ["new_ticket"]
    road.say(mail(f"Ewa Lis <{EWA}>", f"[{number}] zdjęcia", "Nazwa firmy: Drukarnia Lis"))
    assert len(road.tickets()) == 1


def test_merging(road: Road) -> None:
    road.say(request(EWA))
    road.say(request("inny@klient.example"))
    assert staff.merge(road.desk, "1", "2", "root") == "OXI-2026-000001 was merged into OXI-2026-000002"
    assert (road.ticket(1).status, road.ticket(1).merged_into, road.ticket(2).links) == (
        Status.CLOSED,
        "OXI-2026-000002",
        ("OXI-2026-000001",),
    )
    with pytest.raises(WrongTurn, match="OXI-2026-000002"):
        do(road, Verb.REOPEN)


def test_moving_is_refused_where_it_makes_no_sense(road: Road) -> None:
    number = road.say(request(EWA))
    with pytest.raises(Permanent, match="there is no mail"):
        staff.move(road.desk, 99, "new", "root")
    with pytest.raises(Permanent, match="already"):
        staff.move(road.desk, number, "1", "root")
    with pytest.raises(Permanent, match="already"):
        staff.move(road.desk, number, "new", "root")
    waiting = road.deliver(request("b@b.example"))
    with pytest.raises(Permanent, match="not been processed"):
        staff.move(road.desk, waiting, "new", "root")
