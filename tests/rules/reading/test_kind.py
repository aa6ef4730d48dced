"""What tells a request from other mail beyond single words: whose words a symptom stands in, who passes it on, who signs."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Facts, Item
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


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Automatyczna kalibracja nie działa", "3200 nie kalibruje się od wczoraj."),
        ("Automatyczne czyszczenie nie działa", "Automatyczne czyszczenie głowic w OXIJET 3200 nie startuje o zadanej godzinie."),
        ("Automatyczny podajnik zacina papier", "Dzień dobry, podajnik w OXI ROLL 1800 zacina się."),
        ("Automatyczne cięcie", "OXI CUT 1625 tnie krzywo w trybie automatycznym."),
        (
            "Poza biurem jestem do 15",
            "Poza biurem do 15, ale pilne: OXI TEX 1800 leje atrament na podłogę, proszę dzwonić na halę 600 100 200.",
        ),
        ("Poza biurem jestem do 15", "Poza biurem do 15, ale pilne: OXI TEX 1800 leje atrament na podłogę."),
        ("Out of office printer", "The printer in our back office (OXIJET 1600) is out of order since Monday. No backup."),
        ("Potwierdzenie odczytu kodu kreskowego nie działa", "OXI CUT 1625 nie czyta kodów od rana."),
        ("Zwrot wiadomości o błędzie na OXI", "OXIJET 3200 pokazuje błąd osi X i nie drukuje."),
        ("Wiadomość", "Ploter stanął."),
        ("Paczka", "Ploter stanął."),
        ("Paczka", "Dzień dobry, mam problem z drukarką, kto może pomóc?"),
    ],
)
def test_a_subject_alone_makes_no_machine_of_a_person(subject: str, said: str) -> None:
    assert _kind(f"{said}\n\nJan Kowalski\n", "Jan Kowalski", subject) is MailKind.REQUEST


def test_who_is_away_and_tells_of_a_machine_asks() -> None:
    said = "Poza biurem do 15, ale pilne: OXI TEX 1800 leje atrament na podłogę, proszę dzwonić na halę 600 100 200. Jan Kowalski"
    assert _kind(said, "Jan Kowalski", "Poza biurem jestem do 15") is MailKind.REQUEST


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Odpowiedź automatyczna: [OXI-2026-000123] Potwierdzenie", "Jestem na urlopie do 20 maja."),
        ("Automatyczna odpowiedź: awaria", "Dziękujemy za wiadomość."),
        ("Przeczytano: Potwierdzenie", "Wiadomość została odczytana w dniu 12.05."),
        ("Out of office Re: Your request", "I am out of the office until Monday."),
    ],
)
def test_a_responders_subject_makes_a_machine(subject: str, said: str) -> None:
    assert _kind(said, "Jan Kowalski", subject).is_machine


def _answer_kind(said: str, asked: tuple[Item, ...]) -> MailKind:
    mail = a_mail(said, name="Jan Kowalski", subject="Re: [OXI-2026-000123] Prośba o uzupełnienie zgłoszenia")
    return judge_kind(mail, read(mail, ReadingContext(a_service(), asked, known=Facts())), answers=True, asked=asked)[0]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("2", (Item.IMPACT,)),
        ("nr 3", (Item.IMPACT,)),
        ("601 222 333", (Item.COMPANY,)),
        ("Kowalski", (Item.NAME,)),
        ("to ten 3200", (Item.DEVICE,)),
        ("halo?? jest tam kto", (Item.COMPANY,)),
        ("nadal to samo, dzięki za chęci", ()),
        ("Dziękuję za odpowiedź, jednak nie o to pytałem.", ()),
        ("Prosimy o niezamykanie zgłoszenia, dziękujemy.", ()),
    ],
)
def test_our_own_subject_makes_no_machine_of_an_answer(said: str, asked: tuple[Item, ...]) -> None:
    assert not _answer_kind(said, asked).is_machine


@pytest.mark.parametrize(
    "said",
    [
        "Dziękuję za wiadomość. W dniach 12-20.10 przebywam na urlopie. W sprawach pilnych proszę o kontakt z Anną Nowak.",
        "I am out of the office until Monday with limited access to e-mail. For urgent matters please contact Ann Cole.",
        "To jest wiadomość generowana automatycznie, prosimy na nią nie odpowiadać.",
    ],
)
def test_a_responders_words_are_a_machines_in_an_answer_too(said: str) -> None:
    assert _answer_kind(said, (Item.COMPANY,)).is_machine
