"""New text, quotes, forwards, signatures and footers, as Polish clients send them."""

# ruff: noqa: E501 (mails as they are sent)
from __future__ import annotations

import pytest

from mailbot.model.mail import Address
from mailbot.rules.reading import ReadingContext, Role, read, split_text
from tests.build import a_mail, a_service

BODY = "Dzień dobry,\n\nkaretka stanęła i nie rusza."
QUOTES = {
    "gmail": "śr., 10 kwi 2024 o 13:04 Serwis OXIPRINT <serwis@oxiprint.com> napisał(a):\n> Dzień dobry,\n> prosimy o uzupełnienie.",
    "gmail wrapped": "śr., 10 kwi 2024 o 13:04 Serwis OXIPRINT <serwis@oxiprint.com>\nnapisał(a):\n> Dzień dobry,\n> prosimy o uzupełnienie.",
    "thunderbird": "W dniu 10.04.2024 o 13:04, Serwis OXIPRINT pisze:\n> Dzień dobry,\n> prosimy o uzupełnienie.",
    "apple": "Wiadomość napisana przez Serwis OXIPRINT <serwis@oxiprint.com> w dniu 10 kwi 2024, o godz. 13:04:\n\n> Dzień dobry,\n> prosimy o uzupełnienie.",
    "onet": "Dnia 10 kwietnia 2024 13:04 Serwis OXIPRINT <serwis@oxiprint.com> napisał(a):\n\nDzień dobry,\nprosimy o uzupełnienie.",
    "outlook": "Od: Serwis OXIPRINT <serwis@oxiprint.com>\nWysłano: środa, 10 kwietnia 2024 13:04\nDo: x@y.example\nTemat: zgłoszenie\n\nDzień dobry,\nprosimy o uzupełnienie.",
    "outlook live": "________________________________\nFrom: Serwis OXIPRINT <serwis@oxiprint.com>\nSent: Wednesday, April 10, 2024 1:04 PM\nTo: x@y.example\nSubject: x\n\nprosimy o uzupełnienie.",
    "original": "-----Wiadomość oryginalna-----\nFrom: Serwis OXIPRINT\nSent: Wednesday, April 10, 2024 1:04 PM\nTo: x@y.example\nSubject: x\n\nprosimy o uzupełnienie.",
    "english": "On Mon, 14 Sep 2026 at 10:15 Serwis OXIPRINT <serwis@oxiprint.com> wrote:\n> prosimy o uzupełnienie.",
}


@pytest.mark.parametrize("client", QUOTES)
def test_a_quote_of_ours_is_no_new_text(client: str) -> None:
    view = split_text(a_mail(f"{BODY}\n\n{QUOTES[client]}", subject="Re: zgłoszenie"), a_service())
    assert view.new == BODY
    assert "uzupełnienie" in view.quoted
    assert not view.forwarded


@pytest.mark.parametrize("client", [client for client in QUOTES if client not in ("onet", "outlook", "outlook live", "original")])
def test_text_below_a_quote_is_new(client: str) -> None:
    view = split_text(a_mail(f"{QUOTES[client]}\n\n{BODY}", subject="Re: zgłoszenie"), a_service())
    assert view.new == BODY


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nJan Kowalski\nKolor Sp. z o.o.\ntel. 600 111 222",
        "Pozdrawiam\nJan Kowalski\nKierownik produkcji\nKolor Sp. z o.o.\nul. Polna 3, 00-001 Warszawa",
        "Z wyrazami szacunku,\nJan Kowalski",
        "Jan Kowalski\nKolor\n600 111 222",
        "Mit freundlichen Grüßen / best regards\nHans Huber\nHuber GmbH",
        "pozdr\nJan",
    ],
)
def test_a_signature_is_no_new_text(signature: str) -> None:
    view = split_text(a_mail(f"{BODY}\n\n{signature}"), a_service())
    assert view.new == BODY
    assert view.signature.endswith(signature.rsplit("\n", maxsplit=1)[-1])


@pytest.mark.parametrize(
    "footer",
    ["Wysłano z telefonu Samsung Galaxy", "Wysłane z iPhone'a", "Pobierz aplikację Outlook dla systemu iOS", "Sent from my iPhone"],
)
def test_a_footer_is_told(footer: str) -> None:
    view = split_text(a_mail(f"{BODY}\n\n{footer}"), a_service())
    assert view.new == BODY
    assert [line.role for line in view.lines if line.text == footer] == [Role.FOOTER]


def test_nothing_is_cut() -> None:
    text = f"{BODY}\n\nPozdrawiam\nJan\n\n{QUOTES['gmail']}\n\nPS. Dzwonić po 10."
    view = split_text(a_mail(text), a_service())
    assert [line.number for line in view.lines] == list(range(len(text.split("\n"))))
    assert "Dzwonić po 10" in view.new


FORWARD = """Przesyłam do naprawy.
Jan Kowalski
Kolor Sp. z o.o.

---------- Forwarded message ---------
Od: Ewa Zielona <ewa@fiolek.example>
Date: wt., 8 wrz 2026 o 05:12
Subject: banery
To: Jan Kowalski <jan@kolor.example>

OXI TEX 1800 rwie tkaninę przy nawijaniu.
Ewa Zielona
Kwiaciarnia Fiołek, tel. 609 555 300
"""


def test_who_forwards_is_the_contact() -> None:
    facts = read(a_mail(FORWARD, name="Jan Kowalski", sender="jan@kolor.example", subject="Fwd: banery"), ReadingContext(a_service())).facts
    assert facts.full_name == "Jan Kowalski"
    assert facts.company is not None
    assert facts.company.value == "Kolor Sp. z o.o."
    assert facts.device is not None
    assert facts.device.value == "OXI TEX 1800"
    assert facts.description is not None
    assert facts.phone is None


def test_a_colleague_forwards_for_a_customer() -> None:
    mail = a_mail(FORWARD, name="Technik", sender="technik@oxiprint.com", subject="Fwd: banery")
    reading = read(mail, ReadingContext(a_service(), forwarded_is_customer=True))
    assert reading.on_behalf_of == "ewa@fiolek.example"
    assert reading.facts.full_name == "Ewa Zielona"
    assert reading.facts.phone is not None
    assert reading.facts.phone.value == "+48609555300"


def test_an_attached_mail_is_forwarded_text() -> None:
    inner = a_mail("Na banerach jest jaśniejsza kreska.", name="Ewa Zielona", sender="ewa@fiolek.example")
    reading = read(a_mail("Co z tym robić?", name="Jan Kowalski", attached=(inner,)), ReadingContext(a_service()))
    assert reading.facts.description is not None
    assert reading.facts.full_name == "Jan Kowalski"


def test_written_on_behalf() -> None:
    reading = read(
        a_mail("w imieniu: ewa@fiolek.example\nOXIJET 3200 nie drukuje.", sender="technik@oxiprint.com"), ReadingContext(a_service())
    )
    assert reading.on_behalf_of == "ewa@fiolek.example"


def test_our_own_data_is_never_a_fact() -> None:
    text = f"Nie drukuje.\n\n{QUOTES['outlook']}\nSerwis OXIPRINT\nOXIPRINT Sp. z o.o.\ntel. +48 22 871 32 13\n+48 530 451 339"
    facts = read(a_mail(text, name="", sender="x@y.example", from_=Address("", "x@y.example")), ReadingContext(a_service())).facts
    assert facts.phone is None
    assert facts.company is None


def test_an_author_of_blanks_is_nobody() -> None:
    attached = a_mail("Szum w cieniach.", name="\t", sender="")
    assert "Szum w cieniach." in split_text(a_mail("W załączeniu.", attached=(attached,)), a_service()).forwarded
