"""What tells a request from other mail beyond single words: whose words a symptom stands in, who passes it on, who signs."""

from __future__ import annotations

import pytest

from mailbot.model.mail import MailKind
from mailbot.rules.reading import ReadingContext, judge_kind, read
from mailbot.rules.reading.kind import IN_WORDS_OF_A_REQUEST
from mailbot.rules.reading.weighing import like_a_request
from mailbot.rules.reading.words import sentences
from tests.build import a_mail, a_service


@pytest.mark.parametrize(
    "said",
    [
        "Skrzynia z głowicą utknęła w naszym magazynie i nie można jej doręczyć.",
        "Oferujemy baner na ogrodzeniu i logo na koszulkach.",
        "Kierowca z pompą stoi pod bramą, proszę o telefon do magazynu.",
    ],
)
def test_a_part_in_the_words_of_a_courier_or_an_offer_is_no_symptom(said: str) -> None:
    assert like_a_request(sentences(said)) < IN_WORDS_OF_A_REQUEST


@pytest.mark.parametrize("said", ["Głowica uderza w materiał.", "The lamp goes out after ten minutes.", "stol nie trzyma, plyta jezdzi"])
def test_a_symptom_in_a_customers_words_is_one(said: str) -> None:
    assert like_a_request(sentences(said)) > IN_WORDS_OF_A_REQUEST


def _kind(text: str, name: str, subject: str) -> MailKind:
    mail = a_mail(text, name=name, sender="biuro@firma.example", subject=subject)
    return judge_kind(mail, read(mail, ReadingContext(a_service())))[0]


_COVER = "Szanowni Państwo,\n\nproszę o potwierdzenie salda i korektę faktury. Niżej notatka z produkcji.\n\nHalina Rak\n"


def test_what_is_passed_on_tells_that_a_note_is_a_request() -> None:
    note = "\n-----Original Message-----\nFrom: Jan Lis\nTo: Halina Rak\nSubject: notatka\n\n"
    assert _kind(f"{_COVER}{note}W OXIJET 3200 tusz kapie na wydruk, maszynę wyłączono.\n", "Halina Rak", "DW: notatka") is MailKind.REQUEST
    assert _kind(f"{_COVER}{note}Zarząd zaprasza na spotkanie wigilijne.\n", "Halina Rak", "DW: notatka") is MailKind.OTHER


def test_a_parcel_of_which_a_person_writes_is_no_mailing() -> None:
    text = "Dzień dobry,\n\nkierowca będzie jutro po skrzynię z głowicami. Proszę przygotować list przewozowy.\n\n"
    assert _kind(f"{text}Lech Wrona\ntel. 600 555 100\n", "Lech Wrona", "odbiór przesyłki") is MailKind.OTHER
