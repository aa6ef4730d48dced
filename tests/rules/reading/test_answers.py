"""Answers to our question: the form filled in, in every way that people and their clients do it."""

# ruff: noqa: E501 (mails as they are sent)
from __future__ import annotations

import pytest

from mailbot.model.facts import Fact, Facts, Flag, Item, Reading, Where
from mailbot.rules.reading import ReadingContext, morphology, read
from tests.build import a_mail, a_service

QUESTION = """Od: Serwis OXIPRINT <serwis@oxiprint.com>
Wysłano: poniedziałek, 14 września 2026 10:15
Do: jan.kowalski@drukarnia.example
Temat: [OXI-2026-000123] Prosimy o uzupełnienie

Dzień dobry,

prosimy o uzupełnienie:

{form}

Serwis OXIPRINT
tel. +48 22 871 32 13
"""
IMPACT = "Wpływ na działalność (krytyczny / wysoki / średni / niski):"
ALL = (Item.COMPANY, Item.DEVICE, Item.DESCRIPTION, Item.IMPACT)


def answer(text: str, asked: tuple[Item, ...] = ALL, known: Facts | None = None, name: str = "Jan Kowalski") -> Reading:
    return read(
        a_mail(text, name=name, subject="Odp: [OXI-2026-000123] Prosimy o uzupełnienie"), ReadingContext(a_service(), asked, "pl", known)
    )


def values(text: str, asked: tuple[Item, ...] = ALL, known: Facts | None = None, name: str = "Jan Kowalski") -> dict[str, str]:
    return {key: fact.value for key, fact in answer(text, asked, known, name).facts.found() if key not in ("first_name", "last_name")}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (f"Nazwa firmy: Kolor\n{IMPACT} wysoki", {"company": "Kolor", "impact": "high"}),
        (
            f"Nazwa firmy:\nKolor\nNazwa urządzenia:\noxijet 1600\n{IMPACT}\nśredni",
            {"company": "Kolor", "device": "OXIJET 1600", "impact": "medium"},
        ),
        ("Nazwa firmy: Zakład Poligraficzny\nKolor Sp. z o.o.", {"company": "Zakład Poligraficzny Kolor Sp. z o.o."}),
        ("Wpływ na działalność (wysoki):", {"impact": "high"}),
        ("Wpływ na działalność (krytyczny / _wysoki_ / średni / niski):", {"impact": "high"}),
        (f"{IMPACT} 1", {"impact": "critical"}),
        (f"{IMPACT} nie wiem, chyba wysoki", {"impact": "high"}),
        (f"{IMPACT} trudno powiedzieć, raczej średni", {"impact": "medium"}),
        (f"{IMPACT} nie wiem czy wysoki czy średni", {}),
        (f"{IMPACT} nie wiem, to musiałby ocenić kierownik", {}),
        (f"{IMPACT} hmm… 2?", {"impact": "high"}),
        (f"{IMPACT} wysoki, a po wymianie głowicy będzie niski", {"impact": "high"}),
        (f"{IMPACT} krytyczny, ale jak wymienicie głowicę będzie niski", {"impact": "critical"}),
        (f"{IMPACT} jak stanie całkiem to krytyczny, na razie niski", {"impact": "low"}),
        ("Wpływ na działalność (krytyczny / wysoki / średni /\nniski): wysoki", {"impact": "high"}),
        (f"{IMPACT}\n\nwysoki", {"impact": "high"}),
        ("Wpływ na działalność (krytyczny / wysoki (x) / średni / niski):", {"impact": "high"}),
        ("Wpływ na działalność (krytyczny / wysoki! / średni / niski):", {"impact": "high"}),
        ("Nazwa firmy: bez firmy", {}),
        ("Nazwa firmy: just self employed", {}),
        ("Nazwa firmy: Wena s.c. Reszta bez zmian jak było", {"company": "Wena s.c."}),
        (f"{IMPACT} kryt.", {"impact": "critical"}),
        (f"{IMPACT} stoimy, nie mamy na czym drukować", {"impact": "critical"}),
        (f"Nazwa firmy: -\nNazwa urządzenia: brak\nOpis problemu: n/a\n{IMPACT} nie wiem", {}),
        (f"Nazwa firmy:\nNazwa urządzenia:\nOpis problemu:\n{IMPACT}", {}),
    ],
)
@pytest.mark.parametrize("marked", [False, True])
def test_the_form(form: str, expected: dict[str, str], marked: bool) -> None:
    text = QUESTION.format(form=form)
    if marked:
        text = "pon., 14 wrz 2026 o 10:15 Serwis OXIPRINT <serwis@oxiprint.com> napisał(a):\n" + "\n".join(
            f"> {line}" for line in text.split("\n")[5:]
        )
    assert values(text) == expected


def test_values_between_the_quoted_lines() -> None:
    text = f"W dniu 12.05.2026 o 10:15, Serwis OXIPRINT pisze:\n> Nazwa firmy:\nKolor Sp. z o.o.\n> Nazwa urządzenia:\nOxi Tex\n> {IMPACT}\n2\n"
    assert values(text) == {"company": "Kolor Sp. z o.o.", "device": "OXI TEX 1800", "impact": "high"}


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("Kolorix", (Item.COMPANY,), {"company": "Kolorix"}),
        ("Firma nazywa się Kolorix.", (Item.COMPANY,), {"company": "Kolorix"}),
        ("kolor s.c.", (Item.COMPANY,), {"company": "kolor s.c."}),
        ("Jesteśmy osobą prywatną, nie mamy firmy.", (Item.COMPANY,), {}),
        ("mamy 2513", (Item.DEVICE,), {"device": "OXI UV 2513"}),
        ("Hybrid.", (Item.DEVICE,), {"device": "OXI HYBRID 2000"}),
        ("UV", (Item.DEVICE,), {}),
        ("nasza 1800", (Item.DEVICE,), {}),
        ("średni :)", (Item.IMPACT,), {"impact": "medium"}),
        ("Poziom 2", (Item.IMPACT,), {"impact": "high"}),
        ("Raczej niski niż średni.", (Item.IMPACT,), {"impact": "low"}),
        ("Po prostu nie wciąga papieru.", (Item.DESCRIPTION,), {"description": "Po prostu nie wciąga papieru."}),
    ],
)
def test_bare_values(text: str, asked: tuple[Item, ...], expected: dict[str, str]) -> None:
    assert values(text, asked) == expected


def test_a_number_completes_what_is_known_of_the_series() -> None:
    known = Facts(device=None)
    assert values("To jest 3200.", (Item.DEVICE,), known) == {"device": "OXIJET 3200"}


@pytest.mark.skipif(not morphology.available(), reason="needs the dictionary")
@pytest.mark.parametrize(
    "text", ["kowalski", "Nazwisko: Kowalski", "Moje nazwisko to Kowalski", "Jan Kowalski", "Kowalski Jan, 600 111 222"]
)
def test_the_missing_half_of_a_name(text: str) -> None:
    known = Facts(first_name=Fact("Jan", Where.SIGNATURE))
    facts = answer(text, (Item.NAME,), known, name="").facts
    assert facts.last_name is not None
    assert facts.last_name.value == "Kowalski"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Dziękuję, już działa. Można zamknąć zgłoszenie.", Flag.THANKS_ONLY),
        ("Resztę danych podam jutro rano.", Flag.PROMISE_ONLY),
        ("Przecież wszystko napisałem w pierwszym mailu!", Flag.ANNOYED),
        ("Proszę po prostu zadzwonić.", Flag.WANTS_CALL),
        ("Nie wiem, jaki to model.", Flag.DOES_NOT_KNOW),
        ("> Nazwa firmy: brak", Flag.DOES_NOT_KNOW),
        ("Zapomniałem załącznika, już wysyłam.", Flag.FORGOT_SOMETHING),
        ("Ponawiam.", Flag.SAME_AGAIN),
        ("Kiedy przyjedzie serwisant?", Flag.ASKS_SOMETHING),
    ],
)
def test_the_course_of_the_conversation(text: str, flag: Flag) -> None:
    assert flag in answer(text).flags


@pytest.mark.parametrize("text", ["Dziękuję, ale nadal kapie z głowicy.", "Dziękuję. Kiedy przyjedziecie?"])
def test_thanks_with_more_is_no_mere_thanks(text: str) -> None:
    assert Flag.THANKS_ONLY not in answer(text).flags


def test_a_correction_is_marked() -> None:
    fact = answer("Pomyliłem się, to nie jest OXI UV 2513, tylko OXI UV 6090.", ()).facts.device
    assert fact is not None
    assert (fact.value, fact.correction) == ("OXI UV 6090", True)


def known(**values: str) -> Facts:
    return Facts(**{name: Fact(value, Where.SIGNATURE, value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Od lipca nie jesteśmy już spółką cywilną, obecna nazwa firmy: Wena Druk sp. z o.o.", True),
        ("Prośba o zmianę danych, nazwa to teraz Wena Druk sp. z o.o.", True),
        ("The correct name is Wena Druk Ltd.", True),
        ("Jednak zlecenie dla firmy Kolorex Bis poczeka do piątku.", False),
        ("Piszę z Wena Druk sp. z o.o., bo u nich stoi nasza maszyna.", False),
    ],
)
def test_a_new_name_of_the_firm_is_a_correction(text: str, expected: bool) -> None:
    company = answer(text, (Item.DEVICE,), known(company="Wena s.c.")).facts.company
    assert (company is not None and company.correction) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Odpisuję za kolegę. W papierach stoi jako Bartłomiej Szpunar.\n\nIwona Truchel\nkadry", "Bartłomiej Szpunar"),
        ("Pełne dane to Bartek Szpunar.\n\nIwona Truchel", "Bartek Szpunar"),
        ("Wpływ średni.\n\nIwona Truchel\nkadry", "Iwona Truchel"),
    ],
)
def test_the_whole_name_of_the_contact_beats_who_signs(text: str, expected: str) -> None:
    assert answer(text, (Item.NAME,), known(first_name="Bartek"), name="Iwona Truchel").facts.full_name == expected


def test_a_number_in_a_short_sentence_is_the_machine_that_was_asked_for() -> None:
    text = "Piszę z prywatnej poczty, bo w firmie siadł internet. Chodzi o ten szeroki, 3200. Od południa wszystkie zamówienia się cofają."
    assert values(text, (Item.DEVICE,))["device"] == "OXIJET 3200"
    assert "device" not in values(text.replace("ten szeroki, 3200", "zlecenie na 3200 sztuk"), (Item.DEVICE,))


def test_the_serial_number_stands_on_the_machines_line() -> None:
    found = values("Nazwa urządzenia: oxyjet 3200 nr OJ32-2105-118", (Item.DEVICE,))
    assert (found["device"], found["serial"]) == ("OXIJET 3200", "OJ32-2105-118")


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("Wena24. Maszyna to OXIJET 1600.", "Wena24"),
        ("Hello, sorry, forgot to say that I am with Wena Labels Ltd. It is urgent.", "Wena Labels Ltd."),
        ("To Miejska Biblioteka Publiczna w Nowym Sączu. Maszyna to OXIJET 1600.", "Miejska Biblioteka Publiczna w Nowym Sączu"),
    ],
)
def test_where_a_firms_name_ends(text: str, company: str) -> None:
    assert values(text)["company"] == company


@pytest.mark.parametrize("text", ["nie mamy firmy, osoba prywatna", "nie prowadzę firmy, klient indywidualny", "bez firmy, prywatnie"])
def test_who_has_no_firm_gives_none(text: str) -> None:
    assert "company" not in values(text, (Item.COMPANY,))


@pytest.mark.parametrize(
    "said",
    [
        "Sytuacja się zmieniła, teraz maszyna nie rusza wcale i cała produkcja stoi.",
        "Jest gorzej, od rana stoimy.",
        "It got worse, we are at a standstill now.",
    ],
)
def test_work_that_got_worse_takes_the_place_of_a_stated_level(said: str) -> None:
    impact = answer(said, (), Facts(impact=Fact("medium", Where.FORM))).facts.impact
    assert impact is not None
    assert (impact.value, impact.correction) == ("critical", True)


@pytest.mark.parametrize(
    "said", ["Przesyłam zdjęcia usterki.", "Drukujemy na drugiej maszynie.", "W zeszłym roku produkcja stała przez to tydzień."]
)
def test_what_is_no_news_leaves_a_stated_level(said: str) -> None:
    impact = answer(said, (), Facts(impact=Fact("medium", Where.FORM))).facts.impact
    assert impact is None or not impact.correction
