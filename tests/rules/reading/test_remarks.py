"""What is repeated, and which number is a serial number, in other words than the corpus."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Flag
from mailbot.rules.reading.remarks import remarks_of
from mailbot.rules.reading.serial import find_serial
from mailbot.rules.reading.words import sentences


def _repeated(said: str) -> bool:
    return any(remark.flag is Flag.REPEATED for remark in remarks_of(sentences(said), True))


@pytest.mark.parametrize(
    "said",
    [
        "Wracam do sprawy z czerwca, kropki są z powrotem.",
        "Dzwoniłam wczoraj dwa razy i nikt nie odebrał.",
        "Jak przedtem nie zwijał, tak dalej nie zwija.",
        "Reklamuję naprawę z 2 września.",
        "Zalecone odpowietrzenie nic nie dało, dalej gubi żółty.",
        "Trzeci raz to samo.",
        "Ponownie zgłaszam wyciek.",
        "The noise is there again.",
        "It still does not feed.",
        "Ten sam mail wysyłałem w sierpniu i do dziś głucho.",
        "Kiedy doczekamy się odpowiedzi na nasze zgłoszenie?",
        "Gdzie jest reakcja na mój mail z czwartku?",
        "Co się dzieje z naszym zgłoszeniem?",
        "Co z naszą prośbą o przyjazd?",
        "To znowu my w sprawie pompy.",
        "It's me again about the take-up unit.",
        "Był technik we wtorek, a w środę robi dokładnie to samo.",
        "Wasz serwisant zaglądał tydzień temu, a ona dalej gubi krok.",
        "Our report of 3 May never got a reply.",
        "My last ticket is still unanswered.",
        "Moja prośba z maja została bez odzewu.",
        "Zgłoszenie gdzieś u Państwa utknęło.",
        "Czekamy trzeci tydzień na reakcję.",
        "Piszę kolejny raz w tej sprawie.",
        "Upominam się o wizytę.",
        "This is a reminder about our request.",
    ],
)
def test_what_came_back_is_repeated(said: str) -> None:
    assert _repeated(said)


@pytest.mark.parametrize(
    "said",
    [
        "Czy możemy ją ponownie załączyć?",
        "Jestem w pracy drugi tydzień.",
        "Proszę o odpowiedź na moje pytanie.",
        "Co zrobić z wanienką?",
        "W hali panuje cisza, wentylator stoi.",
        "Pan Marek był miły, dziękuję.",
        "Po ponownym uruchomieniu jest dobrze.",
        "Druga maszyna nie drukuje białego.",
        "We are still printing on the other one.",
        "Po to mamy umowę.",
        "Przypomina to cień obok liter.",
        "Trzecia głowica nie strzela.",
    ],
)
def test_what_only_sounds_so_is_not(said: str) -> None:
    assert not _repeated(said)


@pytest.mark.parametrize(
    ("said", "serial"),
    [
        ("Pracujemy na Oxi Tex 1800 (numer 1800T/0091).", "1800T/0091"),
        ("URZADZENIE NR 1600/17/0042.", "1600/17/0042"),
        ("Zgłoszenie nr 14/2026 z 12/09/2026", None),
        ("Strefa 1800/2000 mm", None),
        ("Faktura 2000/09/2026", None),
    ],
)
def test_a_number_that_begins_with_the_model_is_a_serial_number(said: str, serial: str | None) -> None:
    found = find_serial(said)
    assert (found[0] if found else None) == serial


def _flags(said: str) -> set[Flag]:
    return {remark.flag for remark in remarks_of(sentences(said), True)}


@pytest.mark.parametrize(
    "said",
    [
        "Prosimy o przyuczenie nowej osoby.",
        "Trzeba doszkolić i douczyć dwie panie.",
        "Czy prowadzicie kurs obsługi dla operatorów?",
        "Chcemy wdrożyć nowego pracownika przy wycinarce.",
        "Could someone walk our new staff through it?",
        "We would like an introduction to the machine for beginners.",
        "Przydałaby się lekcja obsługi.",
        "A refresher for the night shift would help.",
    ],
)
def test_learning_the_machine_is_training(said: str) -> None:
    assert Flag.TRAINING in _flags(said)


@pytest.mark.parametrize(
    "said",
    [
        "Nie jest to Wasz sprzęt, wiem.",
        "Wiem, że to nie Wasza maszyna.",
        "It is not your machine, I know.",
        "The laminator is not one of yours.",
        "Komputer sterujący przegrzewa się i wyłącza.",
        "Laptop przy maszynie zawiesza się co godzinę.",
        "Kompresor nam nie trzyma ciśnienia.",
    ],
)
def test_what_is_not_ours_is_of_a_third_party(said: str) -> None:
    assert Flag.THIRD_PARTY in _flags(said)


@pytest.mark.parametrize(
    "said", ["Zajęcia prowadzimy na starej gilotynie i nic się nie przesuwa.", "Czy to Wasza wina?", "Wasza maszyna nie tnie."]
)
def test_what_is_ours_is_of_no_third_party(said: str) -> None:
    assert Flag.THIRD_PARTY not in _flags(said)
