"""Delivery reports as servers write them: whom we did not reach, why, and which mail it was."""

from __future__ import annotations

import time

import pytest

from mailbot.model.mail import Address, DeliveryStatus, Mail, Report
from mailbot.rules.bounce import Meaning, bounce_meaning, bounce_words, read_bounce, returned_marks
from mailbot.rules.bounce_words import CAUSES, COPY_STARTS, DELAYS, SENTENCES, SUBJECTS
from mailbot.rules.folding import fold
from mailbot.rules.parse import parse
from tests.build import a_mail

OUR_ID = "<OXI-2026-000123.0a1b2c.k1@oxiprint.com>"

QMAIL = f"""Hi. This is the qmail-send program at s7.hosting.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<biuro@klient.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <serwis@oxiprint.com>
From: Serwis OXIPRINT <serwis@oxiprint.com>
To: biuro@klient.example
Subject: [OXI-2026-000123] Prosimy o uzupełnienie
Message-ID: {OUR_ID}

Nazwa firmy:
"""
POSTFIX = f"""This is the mail system at host mx.klient.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<biuro@klient.example>: host 10.0.0.4[10.0.0.4] said: 452 4.2.2 Mailbox full
    (in reply to RCPT TO command)

Message-ID: {OUR_ID}
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  biuro@klient.example
    host mx.klient.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<biuro@klient.example>:
    550 Unknown user

------ This is a copy of the message, including all the headers. ------

Return-path: <serwis@oxiprint.com>
Subject: [OXI-2026-000123] awaria
"""
EXCHANGE_PL = """Nie powiodło się dostarczenie do następujących odbiorców lub grup:

Biuro (biuro@klient.example)
Nie znaleziono adresu e-mail wprowadzonego odbiorcy. Sprawdź adres.

Informacje diagnostyczne dla administratorów:
Serwer generujący: EX01.klient.example
#550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found ##

Oryginalne nagłówki wiadomości:
Subject: [OXI-2026-000123] awaria
"""
WEBMAIL_PL = """Twoja wiadomość nie mogła zostać dostarczona do: biuro@klient.example
Powód: skrzynka odbiorcy jest pełna.

Zespół poczty
"""


def report_mail(text: str, *, sender: str = "MAILER-DAEMON@mx.klient.example", subject: str = "failure notice", **changes: object) -> Mail:
    """A report without MIME structure."""
    return a_mail(text, sender=sender, name="", subject=subject, return_path="", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "status", "meaning", "ids", "marks"),
    [
        (QMAIL, "5.1.1", Meaning.DEAD, (OUR_ID,), ("OXI-2026-000123",)),
        (POSTFIX, "4.2.2", Meaning.FULL, (OUR_ID,), ("OXI-2026-000123",)),
        (EXIM, "5.1.1", Meaning.DEAD, (), ("OXI-2026-000123",)),
        (EXCHANGE_PL, "5.1.10", Meaning.DEAD, (), ("OXI-2026-000123",)),
        (WEBMAIL_PL, "5.2.2", Meaning.FULL, (), ()),
    ],
    ids=["qmail", "postfix", "exim", "exchange", "webmail"],
)
def test_reports_in_words(text: str, status: str, meaning: Meaning, ids: tuple[str, ...], marks: tuple[str, ...]) -> None:
    mail = report_mail(text)
    report = read_bounce(mail)
    (delivery,) = report.deliveries
    assert (delivery.recipient, delivery.status) == ("biuro@klient.example", status)
    assert delivery.diagnostic
    assert bounce_meaning(delivery.status, delivery.action) == meaning
    assert report.returned_ids == ids
    assert returned_marks(mail, report, "OXI") == marks


@pytest.mark.parametrize("text", [QMAIL, POSTFIX, EXIM, EXCHANGE_PL, WEBMAIL_PL])
@pytest.mark.parametrize("sender", ["postmaster@klient.example", "no-reply@klient.example"])
def test_reports_are_known_by_their_words(text: str, sender: str) -> None:
    assert bounce_words(report_mail(text, sender=sender, subject="Wiadomość"))


def test_a_report_of_a_webmail_with_a_persons_address_needs_subject_sentence_and_recipient() -> None:
    def known(text: str, subject: str) -> bool:
        return bounce_words(a_mail(text, sender="system@poczta.example", name="Poczta", subject=subject)) is not None

    assert known(WEBMAIL_PL, "Nie można dostarczyć wiadomości")
    assert not known(WEBMAIL_PL, "awaria")
    assert not known("Nic nie drukuje, pomocy", "Nie można dostarczyć wiadomości")
    assert not known("Twoja wiadomość nie mogła zostać dostarczona", "Nie można dostarczyć wiadomości")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("PD: Undeliverable: awaria", WEBMAIL_PL),
        ("Re: failure notice", QMAIL),
        ("Undeliverable: awaria", "Dzień dobry,\n\ndostałem takie coś, maszyna stoi.\n\n\n\n\n" + WEBMAIL_PL),
        ("Problem z dostarczeniem atramentu", "Dzień dobry, zamówiony atrament nie został dostarczony do drukarni."),
        ("failure notice on display", "The printer shows 'failure notice', user unknown. Please help."),
    ],
)
def test_people_who_speak_of_reports_are_no_reports(subject: str, text: str) -> None:
    assert bounce_words(a_mail(text, subject=subject)) is None


def test_a_postmaster_who_answers_by_hand_is_a_person() -> None:
    assert bounce_words(a_mail(QMAIL, sender="postmaster@klient.example", subject="Re: failure notice")) is None


def test_the_fields_of_a_proper_report_come_first_and_words_fill_the_gaps() -> None:
    proper = Report("delivery-status", (DeliveryStatus("a@klient.example", "failed", ""),), (OUR_ID,), "[OXI-2026-000007] awaria")
    mail = report_mail(WEBMAIL_PL, report=proper, references=("<first@oxiprint.com>", "<second@oxiprint.com>"))
    report = read_bounce(mail)
    assert report.deliveries == (DeliveryStatus("a@klient.example", "failed", "5.2.2", "Powód: skrzynka odbiorcy jest pełna."),)
    assert report.returned_ids == (OUR_ID, "<second@oxiprint.com>", "<first@oxiprint.com>")
    assert returned_marks(mail, report, "OXI") == ("OXI-2026-000007",)


def test_field_lines_in_the_text_are_read() -> None:
    text = "Final-Recipient: rfc822; a@klient.example\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; no answer"
    assert read_bounce(report_mail(text)).deliveries == (DeliveryStatus("a@klient.example", "delayed", "4.4.1", "no answer"),)


def test_the_returned_mail_as_an_attachment() -> None:
    returned = a_mail("", sender="serwis@oxiprint.com", subject="[OXI-2026-000123] awaria", message_id=OUR_ID)
    report = read_bounce(report_mail("Undeliverable", attached=(returned,)))
    assert (report.returned_ids, report.returned_subject) == ((OUR_ID,), "[OXI-2026-000123] awaria")


def test_our_own_address_is_never_the_failed_recipient() -> None:
    mail = report_mail(
        "Your message could not be delivered.\nFrom serwis@oxiprint.com to biuro@klient.example", to=(Address("", "serwis@oxiprint.com"),)
    )
    assert [delivery.recipient for delivery in read_bounce(mail).deliveries] == ["biuro@klient.example"]


def test_version_numbers_and_addresses_are_no_status() -> None:
    report = read_bounce(report_mail("Exim 4.94.2 at 5.1.1.7 says:\n<biuro@klient.example>: no"))
    assert report.deliveries == (DeliveryStatus("biuro@klient.example", "failed", "", ""),)


@pytest.mark.parametrize(
    ("status", "action", "meaning"),
    [
        ("5.1.1", "failed", "dead"),
        ("5.1.2", "failed", "dead"),
        ("5.1.6", "failed", "dead"),
        ("5.1.10", "failed", "dead"),
        ("5.2.1", "", "dead"),
        ("5.4.4", "failed", "dead"),
        ("5.1.8", "failed", "policy"),
        ("5.2.2", "failed", "full"),
        ("4.2.2", "failed", "full"),
        ("4.2.2", "delayed", "delayed"),
        ("5.3.4", "failed", "policy"),
        ("5.7.1", "failed", "policy"),
        ("5.7.26", "FAILED", "policy"),
        ("4.7.1", "failed", "policy"),
        ("4.4.1", "delayed", "delayed"),
        ("4.4.1", "", "delayed"),
        ("4.4.7", "failed", "unknown"),
        ("5.1.1", "delayed", "delayed"),
        ("2.0.0", "delivered", "delivered"),
        ("2.1.5", "", "delivered"),
        ("5.1.1", "relayed", "delivered"),
        ("5.0.0", "failed", "unknown"),
        ("", "failed", "unknown"),
        ("", "", "unknown"),
        ("nonsense", "nonsense", "unknown"),
        ("5.10.1", "failed", "unknown"),
    ],
)
def test_what_a_status_means(status: str, action: str, meaning: str) -> None:
    assert bounce_meaning(status, action) == meaning


@pytest.mark.parametrize("words", [*SUBJECTS, *SENTENCES, *COPY_STARTS, *DELAYS, *(cause.words for cause in CAUSES)])
def test_the_tables_are_folded(words: str) -> None:
    assert words == fold(words)


@pytest.mark.parametrize("words", SENTENCES)
def test_every_sentence_of_the_table_tells(words: str) -> None:
    assert bounce_words(report_mail(f"\n{words.upper()} x", sender="postmaster@x.example", subject="x")) is not None


@pytest.mark.parametrize("words", SUBJECTS)
def test_every_subject_of_the_table_tells(words: str) -> None:
    assert bounce_words(report_mail("x", sender="postmaster@x.example", subject=f"[EXT] {words.upper()}")) is not None


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.words)
def test_every_cause_of_the_table_gives_its_status(cause: tuple[str, str]) -> None:
    (delivery,) = read_bounce(report_mail(f"<biuro@klient.example>:\n{cause[0]}")).deliveries
    assert delivery.status == cause[1]


@pytest.mark.parametrize("words", DELAYS)
def test_every_delay_of_the_table_is_one(words: str) -> None:
    (delivery,) = read_bounce(report_mail(f"<biuro@klient.example>:\n{words}")).deliveries
    assert bounce_meaning(delivery.status, delivery.action) == Meaning.DELAYED


@pytest.mark.parametrize("hostile", ["a@", "a.a@a.", "<a@a.a>:", "5.1.", "Final-Recipient: ", "\n", "x\n", "Message-ID: <"])
def test_hostile_reports_are_linear(hostile: str) -> None:
    mail = report_mail(hostile * (1_000_000 // len(hostile)), subject=hostile * 100_000)
    before = time.perf_counter()
    bounce_words(mail)
    returned_marks(mail, read_bounce(mail), "OXI")
    assert time.perf_counter() - before < 1


DSN = f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.klient.example>
To: serwis@oxiprint.com
Auto-Submitted: auto-replied
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

This is the mail system at host mx.klient.example.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.klient.example

Final-Recipient: rfc822; biuro@klient.example
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 550 5.1.1 user unknown
--b
Content-Type: message/rfc822

From: serwis@oxiprint.com
Subject: [OXI-2026-000123] awaria
Message-ID: {OUR_ID}

Nazwa firmy:
--b--
"""


def test_a_proper_report_from_the_wire() -> None:
    mail = parse(DSN.encode())
    report = read_bounce(mail)
    (delivery,) = report.deliveries
    assert (delivery.recipient, delivery.status, bounce_meaning(delivery.status, delivery.action)) == (
        "biuro@klient.example",
        "5.1.1",
        Meaning.DEAD,
    )
    assert (report.type, report.returned_ids, returned_marks(mail, report, "OXI")) == ("delivery-status", (OUR_ID,), ("OXI-2026-000123",))


@pytest.mark.parametrize("text", [QMAIL, EXIM])
def test_a_report_in_words_from_the_wire(text: str) -> None:
    head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.klient.example\nTo: serwis@oxiprint.com\nX-Failed-Recipients: biuro@klient.example\n"
    mail = parse(f"{head}Subject: failure notice\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode())
    report = read_bounce(mail)
    assert report.type == "delivery-status"
    assert [(found.recipient, found.status) for found in report.deliveries] == [("biuro@klient.example", "5.1.1")]
    assert returned_marks(mail, report, "OXI") == ("OXI-2026-000123",)
