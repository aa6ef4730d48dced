"""Journal -> consequence, with the real reader and the real store: rows, and the bytes that went out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailbot.model.command import Command, Verb
from mailbot.model.facts import Item
from mailbot.model.service import Limits
from mailbot.model.ticket import Status
from mailbot.steps import process, staff
from mailbot.store import register
from mailbot.store.register import Contact, Customer, Machine
from tests.rules.outcome import BOSS
from tests.steps.road import Road, body, signed_number
from tests.system.letters import mail, reply, request

EWA, JAN, TECH, DESK = "ewa@lis.example", "jan@oxiprint.com", "technik@oxiprint.com", "serwis@oxiprint.com"
FIRM = "Nazwa firmy"


def ask_firm(road: Road, **how: str) -> EmailMessage:
    """Ewa's request without her firm; returns the question."""
    road.say(request(EWA, impact="wysoki", leave_out=FIRM, **how))
    (question,) = road.letters(EWA, "question")
    return question


def answer(letter: EmailMessage, text: str, sender: str = f"Ewa Lis <{EWA}>", **how: str) -> bytes:
    return reply(letter.as_bytes(policy=SMTP), sender, text, **how)


# ---- the road once ------------------------------------------------------------------------------------------------


def test_a_request_is_a_ticket_acknowledged_and_told(any_road: Road) -> None:
    road = any_road
    number = road.say(request(EWA))
    row, ticket = road.mail(number), road.ticket()
    assert (row["state"], row["consequence"], row["kind"], row["ticket_id"]) == ("done", "opened", "request", ticket.id)
    assert (ticket.number, ticket.status, ticket.missing) == ("OXI-2026-000001", Status.OPEN, ())
    (letter,) = road.letters(EWA)
    assert (letter["To"], letter["Auto-Submitted"], letter["X-Mailbot-Loop"]) == (
        "Ewa Lis <ewa@lis.example>",
        "auto-replied",
        "the-mark-of-this-house",
    )
    assert letter["Subject"].startswith("[OXI-2026-000001] Re: Awaria plotera")
    assert signed_number(letter, road) == ticket.number
    assert road.told() == [f"new_ticket {TECH}", f"new_ticket {JAN}"]


def test_a_question_its_answer_and_what_was_in_the_quote(road: Road) -> None:
    question = ask_firm(road)
    assert road.ticket().status is Status.WAITING
    assert "\nNazwa firmy:" in body(question)
    road.say(answer(question, "Drukarnia Lis sp. z o.o."))
    ticket = road.ticket()
    assert (ticket.status, ticket.missing, ticket.questions) == (Status.OPEN, (), 1)
    assert road.kinds(EWA) == ["question", "acknowledgement"]
    assert road.letters(EWA)[1]["In-Reply-To"]
    assert "learned" in road.history()
    assert len(road.tickets()) == 1


def test_the_same_mail_twice_is_one_ticket(road: Road) -> None:
    raw = request(EWA)
    road.say(raw)
    second = road.say(b"Received: by another road\r\n" + raw)
    assert road.mail(second)["reason"] == "duplicate delivery of mail 1"
    assert (len(road.tickets()), road.kinds(EWA)) == (1, ["acknowledgement"])


def test_our_own_letter_is_not_answered(road: Road) -> None:
    ask_firm(road)
    _, mime = next(taken for taken in road.outlet.taken if taken[0] == EWA)
    number = road.say(mime)
    assert (road.mail(number)["kind"], road.mail(number)["consequence"]) == ("own", "ignored")


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"Precedence": "auto_reply"}, {"X-Autoreply": "yes"}])
def test_a_responders_mail_changes_neither_state_nor_clock(road: Road, headers: dict[str, str]) -> None:
    question = ask_firm(road)
    before = road.ticket()
    road.clock.turn(timedelta(hours=1))
    number = road.say(
        mail(EWA, f"Odp: {question['Subject']}", "Jestem na urlopie.", headers={**headers, "In-Reply-To": question["Message-ID"]})
    )
    assert (road.mail(number)["consequence"], road.mail(number)["kind"]) == ("attached", "auto_reply")
    assert replace(road.ticket(), version=before.version) == before
    assert road.kinds(EWA) == ["question"]


def test_a_responder_that_strips_every_header_ends_soon(road: Road) -> None:
    ask_firm(road)
    for _ in range(5):
        last = road.letters(EWA)[-1]
        road.clock.turn(timedelta(minutes=1))
        road.say(answer(last, "Dziękujemy za wiadomość, wkrótce odpowiemy."))
    assert len(road.kinds(EWA)) <= 3
    assert len(road.tickets()) == 1


def test_two_desks_that_answer_each_other_end(road: Road) -> None:
    number = road.say(mail(EWA, "awaria", "Prosimy o dane.", headers={"X-Mailbot-Loop": "another-house", "Auto-Submitted": "auto-replied"}))
    assert (road.mail(number)["consequence"], road.kinds(EWA)) == ("ignored", [])


# ---- which ticket -------------------------------------------------------------------------------------------------


def test_a_strangers_mail_with_a_number_opens_a_linked_ticket_and_discloses_nothing(road: Road) -> None:
    road.say(request(EWA))
    stranger = "Obcy <obcy@gmail.com>"
    road.say(mail(stranger, "Re: [OXI-2026-000001] Awaria plotera", "Dzień dobry, co z moim zgłoszeniem? Drukarka OXI CUT 1625 nie tnie."))
    theirs, own = road.ticket(1), road.ticket(2)
    assert (own.links, own.requester.email) == ((theirs.number,), "obcy@gmail.com")
    assert road.history(1) == ["opened"]
    for letter in road.letters("obcy@gmail.com"):
        whole = letter.as_string()
        shown = body(letter) + str(letter["Subject"])
        assert not [word for word in ("OXI-2026-000001", "Ewa", "Lis", "OXIJET", "magent", EWA) if word in shown]
        assert "OXI-2026-000001" not in whole
    assert any("OXI-2026-000001" in body(letter) for letter in road.letters(TECH) if "OXI-2026-000002" in str(letter["Subject"]))


def test_a_participant_with_the_number_answers(road: Road) -> None:
    question = ask_firm(road)
    road.say(mail(f"Ewa Lis <{EWA}>", f"Re: {question['Subject']}", "Nazwa firmy: Drukarnia Lis"))
    assert (len(road.tickets()), road.ticket().missing) == (1, ())


def test_an_answer_from_another_address_is_merged_and_goes_to_the_requester(road: Road) -> None:
    question = ask_firm(road)
    road.say(answer(question, "Nazwa firmy: Drukarnia Lis", sender="Piotr <piotr@gmail.com>"))
    assert (road.ticket().missing, road.kinds(EWA), road.letters("piotr@gmail.com")) == ((), ["question", "acknowledgement"], [])


def test_a_forgotten_file_joins_the_open_ticket_and_is_read_once(road: Road) -> None:
    ask_firm(road)
    road.clock.turn(timedelta(hours=2))
    number = road.say(mail(f"Ewa Lis <{EWA}>", "zdjęcie", "Dzień dobry,\nzapomniałam załącznika, przesyłam.\nPozdrawiam"))
    row = road.mail(number)
    assert (row["consequence"], row["reason"]) == ("attached", "the same requester adds to or repeats an open ticket")
    assert (len(road.tickets()), road.ticket().status, road.kinds(EWA)) == (1, Status.WAITING, ["question"])


def test_a_repeated_request_reaches_managers(road: Road) -> None:
    road.say(request(EWA))
    road.clock.turn(timedelta(days=1))
    road.say(mail(f"Ewa Lis <{EWA}>", "ponawiam", "Dzień dobry,\nponawiam prośbę o kontakt.\nPozdrawiam"))
    assert len(road.tickets()) == 1
    assert f"follow_up {BOSS}" in road.told()


def test_a_mail_on_a_merged_ticket_goes_to_the_living_one(road: Road) -> None:
    question = ask_firm(road)
    for device in ("1625", "2513"):
        road.say(mail(f"Ewa Lis <{EWA}>", f"sprawa {device}", f"Dzień dobry, OXI {device} hałasuje i przerywa cięcie."))
    staff.merge(road.desk, "1", "2", "root")
    staff.merge(road.desk, "2", "3", "root")
    number = road.say(answer(question, "Nazwa firmy: Drukarnia Lis"))
    assert road.mail(number)["ticket_id"] == road.ticket(3).id


def test_a_mail_that_answers_one_not_processed_yet_waits_for_it(road: Road) -> None:
    first = request(EWA, leave_out=FIRM)
    second = answer(road_letter(first), "Nazwa firmy: Drukarnia Lis")
    later = road.deliver(second)
    earlier = road.deliver(first)
    road.run()
    assert (road.mail(earlier)["consequence"], road.mail(later)["state"]) == ("opened", "new")
    road.clock.turn(timedelta(seconds=6))
    road.run()
    assert (road.mail(later)["consequence"], len(road.tickets()), road.ticket().missing) == ("attached", 1, ())


def road_letter(raw: bytes) -> EmailMessage:
    from tests.system.letters import parsed

    return parsed(raw)


# ---- crossed mails, superseded letters ----------------------------------------------------------------------------


def test_a_mail_that_crossed_an_unsent_question_takes_its_place(any_road: Road) -> None:
    road = any_road
    first = mail(f"Ewa Lis <{EWA}>", "Awaria", "Dzień dobry,\nmaszyna nie drukuje magenty.\nWpływ na działalność: wysoki\n\nEwa Lis")
    road.outlet.away = True
    road.say(first)
    assert road.ticket().asked == (Item.COMPANY, Item.DEVICE)
    road.clock.turn(timedelta(minutes=2))
    road.say(reply(first, f"Ewa Lis <{EWA}>", "Jeszcze nazwa firmy: Drukarnia Lis"))
    road.outlet.away = False
    road.send()
    states = [(row["kind"], row["state"]) for row in road.rows(f"SELECT kind, state FROM outbox WHERE recipient = '{EWA}' ORDER BY id")]
    assert states == [("question", "superseded"), ("question", "sent")]
    (question,) = road.letters(EWA)
    assert "\nNazwa firmy:" not in body(question)
    assert (road.ticket().questions, road.ticket().status) == (1, Status.WAITING)


def test_an_answer_that_makes_an_unsent_question_needless_cancels_it(road: Road) -> None:
    first = request(EWA, leave_out=FIRM)
    road.outlet.away = True
    road.say(first)
    road.clock.turn(timedelta(minutes=2))
    road.say(reply(first, f"Ewa Lis <{EWA}>", "Nazwa firmy: Drukarnia Lis"))
    road.outlet.away = False
    road.send()
    assert [letter["Auto-Submitted"] for letter in road.letters(EWA)] == ["auto-replied"]
    assert road.kinds(EWA) == ["acknowledgement"]


# ---- limits, the breaker ------------------------------------------------------------------------------------------


def test_what_is_over_a_limit_is_a_suppressed_row_and_staff_hear(any_road: Road) -> None:
    road = any_road.with_service(limits=Limits(per_address_hour=1))
    for number in (1, 2):
        road.say(
            request(EWA, subject=f"Sprawa {number}", leave_out=FIRM).replace(
                b"OXIJET 3200", b"OXI CUT 1625" if number == 2 else b"OXIJET 3200"
            )
        )
    assert road.kinds(EWA) == ["question"]
    (row,) = road.rows("SELECT kind, reason, ticket_id FROM outbox WHERE state = 'suppressed'")
    assert (row["kind"], row["ticket_id"]) == ("question", road.ticket(2).id)
    assert row["reason"] == f"limit: 1 automatic mails an hour to {EWA} (limits.per_address_hour)"
    assert f"alarm {TECH}" in road.told(2)
    second = road.ticket(2)
    assert (second.status, second.asked_at, second.cycle.pauses) == (Status.OPEN, None, ())  # the clock runs


def test_the_breaker_stops_automatic_mail_and_raises_one_alarm_each_time(road: Road) -> None:
    road = road.with_service(limits=Limits(global_hour=2))

    def come(name: str) -> None:
        road.say(request(f"{name}@klient-{name}.example", leave_out=FIRM))

    for name in ("a", "b", "c", "d"):
        come(name)
    alarms = "SELECT recipient FROM outbox WHERE key LIKE 'breaker:%' ORDER BY id"
    assert [row["recipient"] for row in road.rows(alarms)] == [TECH, JAN, BOSS]
    assert [row["state"] for row in road.rows("SELECT state FROM outbox WHERE kind = 'question' ORDER BY id")] == [
        "sent",
        "sent",
        "suppressed",
        "suppressed",
    ]
    resume(road)
    road.clock.turn(timedelta(minutes=1))
    come("e")
    assert road.kinds("e@klient-e.example") == ["question"]  # it flows again at once
    come("f")
    come("g")
    assert len(road.rows(alarms)) == 6  # it tripped again, and said so again
    assert road.letters("g@klient-g.example") == []
    resume(road)
    road.clock.turn(timedelta(days=-400))  # the clock is set back: what went out "later" counts for nothing
    come("h")
    assert road.kinds("h@klient-h.example") == ["question"]


def resume(road: Road) -> None:
    from mailbot.store.apply import BREAKER
    from mailbot.store.installation import write_setting

    with road.database.write() as connection:
        write_setting(connection, BREAKER, "", road.clock.now())


# ---- who cannot be answered ---------------------------------------------------------------------------------------


def test_a_request_of_a_program_opens_a_silent_ticket(road: Road) -> None:
    road.say(request("no-reply@lis.example"))
    ticket = road.ticket()
    assert (ticket.status, road.kinds("no-reply@lis.example")) == (Status.OPEN, [])
    assert ticket.silence
    assert any("NIE dostał" in body(letter) for letter in road.letters(TECH))
    (row,) = road.rows("SELECT due_at FROM ticket")
    assert row["due_at"]


def test_a_mail_without_a_sender_is_a_ticket_too(road: Road) -> None:
    number = road.say(b"Subject: awaria\r\nMessage-ID: <x@y.example>\r\n\r\nOXIJET 3200 nie drukuje magenty.\r\n")
    assert road.mail(number)["consequence"] == "opened"
    assert (road.ticket().requester.email, road.told()) == ("", [f"new_ticket {TECH}", f"new_ticket {JAN}"])


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"From: Ewa <ewa@lis.example>\r\n", b"\r\n\r\n"])
def test_damaged_mail_has_a_consequence(road: Road, raw: bytes) -> None:
    number = road.say(raw)
    assert road.mail(number)["state"] == "done"
    assert road.told()


def test_too_large_a_mail_whose_head_tells_nothing_is_told_so(road: Road) -> None:
    raw = mail(f"Ewa Lis <{EWA}>", "pliki", "W załączniku.")
    road.say(raw, partial=True, size=52_000_000)
    (letter,) = road.letters(EWA)
    assert road.kinds(EWA) == ["unreadable"]
    assert "52 MB" in body(letter).replace("\u00a0", " ")


def test_a_bounced_question_lets_the_clock_run_and_mutes_the_address(any_road: Road) -> None:
    road = any_road
    question = ask_firm(road)
    assert road.ticket().status is Status.WAITING
    road.clock.turn(timedelta(hours=1))
    road.say(bounce_of(question))
    ticket = road.ticket()
    (pause,) = ticket.cycle.pauses
    assert (ticket.status, ticket.asked, pause.end) == (Status.OPEN, (), pause.start)  # it has paused nothing
    assert [row["state"] for row in road.rows("SELECT state FROM outbox WHERE kind = 'question'")] == ["failed"]
    assert f"alarm {TECH}" in road.told()
    road.say(request(EWA, subject="Inna sprawa", leave_out=FIRM).replace(b"OXIJET 3200", b"OXI CUT 1625"))
    assert (len(road.tickets()), road.kinds(EWA)) == (2, [])
    assert road.ticket(2).silence.startswith("poczta nie dochodzi na adres klienta")


def bounce_of(letter: EmailMessage, status: str = "5.1.1") -> bytes:
    """A delivery report as a server writes it (RFC 3464)."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: serwis@oxiprint.com\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Message-ID: <bounce@mx.example>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {EWA}\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter['Message-ID']}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


# ---- the register -------------------------------------------------------------------------------------------------


def test_what_only_the_register_knows_is_never_shown_to_the_customer(road: Road) -> None:
    firm = Customer("Tajna Firma SA", account_manager="Opiekun Tajny", contacts=(Contact(EWA, "Ewa", "Lis", "+48600700800"),),
                    machines=(Machine("OXIJET 3200", "SN-TAJNY", "2031-05-05"),))  # fmt: skip
    with road.database.write() as connection:
        register.replace_all(connection, [firm])
    road.say(mail(EWA, "awaria", "Dzień dobry, maszyna nie drukuje magenty, produkcja stoi."))
    ticket = road.ticket()
    assert ticket.facts.company
    assert (ticket.facts.company.value, ticket.missing) == ("Tajna Firma SA", ())
    (letter,) = road.letters(EWA)
    assert not [word for word in ("Tajna", "Opiekun Tajny", "TAJNY", "2031", "600", "700") if word in body(letter)]
    assert any("Tajna Firma SA" in body(letter) for letter in road.letters(TECH))


# ---- staff move mails ---------------------------------------------------------------------------------------------


def test_a_mail_that_joined_by_mistake_gets_its_own_ticket(any_road: Road) -> None:
    road = any_road
    road.say(request(EWA, subject="awaria"))
    joined = road.say(request(EWA, subject="awaria", impact="niski"))
    assert road.mail(joined)["reason"] == "the same requester, the same subject"
    staff.move(road.desk, joined, "new", "root")
    road.run()
    assert road.mail(joined)["ticket_id"] == road.ticket(2).id
    assert road.kinds(EWA) == ["acknowledgement", "acknowledgement"]
    assert "mail_moved" in road.history(1)
    told = staff.move(road.desk, joined, "1", "root")
    assert "OXI-2026-000002, which it had opened, stays: close it, or `mailbot ticket merge OXI-2026-000002 OXI-2026-000001`" in told
    road.run()
    assert road.mail(joined)["ticket_id"] == road.ticket(1).id
    staff.move(road.desk, joined, "new", "root")  # it has a number already: back to that one
    road.run()
    assert (road.mail(joined)["ticket_id"], len(road.tickets())) == (road.ticket(2).id, 2)


def test_a_newsletter_that_is_none_becomes_a_ticket_without_an_answer(road: Road) -> None:
    number = road.say(mail("biuro@lis.example", "awaria", "OXIJET 3200 stoi.", headers={"Precedence": "bulk"}))
    assert road.mail(number)["consequence"] == "ignored"
    staff.move(road.desk, number, "new", "root")
    road.run()
    assert (road.mail(number)["consequence"], road.kinds("biuro@lis.example")) == ("opened", [])


# ---- batches ------------------------------------------------------------------------------------------------------


def test_many_mails_at_once_each_have_one_consequence(road: Road) -> None:
    for number in range(25):
        road.deliver(request(f"klient{number}@firma{number}.example"))
    road.run()
    rows = road.rows("SELECT state, consequence FROM journal")
    assert {(row["state"], row["consequence"]) for row in rows} == {("done", "opened")}
    assert len(road.tickets()) == len(rows) == 25


def test_a_command_by_mail_and_a_mail_of_the_customer_at_once(road: Road) -> None:
    question = ask_firm(road)
    staff.carry_out(road.desk, "1", Command(Verb.IMPACT, "low"), "root", "cause")
    road.deliver(answer(question, "Nazwa firmy: Drukarnia Lis"))
    assert process.one_pass(road.desk, road.reader) == 1
    assert (road.ticket().missing, road.ticket().impact.value) == ((), "low")
