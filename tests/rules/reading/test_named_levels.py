"""A level that is named: in whatever words the writer names it, and not where its word says something else."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Where
from mailbot.rules.reading import ReadingContext, read
from mailbot.rules.reading.impact import read_impact
from tests.build import a_mail, a_service


def named(text: str) -> str | None:
    """The level that a text names; one that it merely implies does not count."""
    found = read_impact(text, Where.TEXT, judged=False)
    return found.value if found and found.stated else None


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("critical", "Z Państwa czterech szczebli wybieram najwyższy, krytyczny."),
        ("medium", "If you make me pick a box I'd tick medium."),
        ("medium", "I would go for medium because we still manage."),
        ("high", "Gdyby mnie kto pytał, stawiam na wysoki."),
        ("medium", "Wpływ dałbym średni, chociaż żona mówi, że przesadzam."),
        ("low", "Dałabym niski."),
        ("medium", "Zaznaczam średni."),
        ("high", "Our internal classification of the case: high (A2)."),
        ("high", "Poziom wpływu w rozumieniu Państwa zasad wsparcia: wysoki."),
        ("low", "Kategoria zgłoszenia według naszej umowy: niska."),
        ("critical", "Nasza klasyfikacja wewnętrzna: krytyczna."),
        ("low", "Equipment: OXI HYBRID 2000\nImpact on operation: low\nSite contact: Aino"),
        ("high", "In our system this is severity 2 of 4."),
        ("critical", "SEV-1"),
        ("critical", "Zgłoszenie z priorytetem 1."),
        ("critical", "wplyw kyrtyczny, hala stoi"),
        ("medium", "niski / ŚREDNI / wysoki"),
        ("medium", "krytyczny / wysoki / średni [x] / niski"),
        ("medium", "W naszym odczuciu średni."),
        ("medium", "Stawiamy krzyżyk przy średnim."),
        ("high", "Zostaję przy wysokim."),
        ("high", "Nie schodzimy z wysokiego."),
        ("low", "Spokojnie, niski wystarczy."),
        ("low", "Daję niski, bo obchodzimy to ręcznie."),
        ("critical", "Nie ma co ukrywać, krytyczny."),
        ("critical", "Dla nas to już poziom krytyczny, hala stoi."),
        ("critical", "Sytuację oceniamy jako krytyczną."),
        ("medium", "Gdybym miał wybierać z listy, wybrałbym średni."),
        ("medium", "Z czterech możliwości najbardziej pasuje średni."),
        ("medium", "Na Wasze pytanie o wpływ odpowiadam: średni, z tendencją do niskiego."),
        ("high", "Wpływ? Wysoki."),
        ("high", "Co do wpływu: wysoki, bo połowa zleceń czeka."),
        ("high", "Poprzednio wpisałem średni, ale teraz to wysoki."),
        ("low", "Wpływ na działalność naszej szkoły jest niski."),
        ("medium", "sredni, byle nie za miesiac"),
        ("medium", "sredni wplyw"),
        ("high", "Wysoki - nie krytyczny, bo mamy drugą maszynę."),
        ("high", "Krytyczny jeszcze nie, ale wysoki owszem."),
        ("medium", "Nie niski, bo jednak przeszkadza, dajmy średni."),
        ("medium", "Medium, I suppose."),
        ("medium", "Call it medium."),
        ("medium", "I'd put it at medium on your scale."),
        ("high", "Impact for us: high, since we lose half of the shift."),
        ("high", "Please treat as high priority."),
        ("critical", "This is a critical issue for our plant."),
        ("low", "Low impact for the time being."),
        ("low", "Not urgent, low."),
        ("low", "Severity: low"),
        ("high", "Downgrading from critical to high after the workaround."),
        ("critical", "From high to critical, sorry."),
        ("medium", "Wg mojej oceny wpływ będzie średni."),
        ("medium", "Przyjmijmy średni."),
        ("medium", "średniawka, czyli średni"),
        ("high", "Priorytet: wysoki!!!"),
        ("high", "Zgłoszenie o wysokim priorytecie."),
        ("critical", "awaria krytyczna, proszę o pilny przyjazd"),
        ("critical", "Sprawa krytyczna."),
        ("low", "Wpływ oceniłbym nisko."),
        ("low", "Uciążliwość niewielka, wpływ niski."),
        ("high", "Wysoki, choć szef upiera się przy krytycznym."),
        ("high", "Szef chciał krytyczny, ja wpisuję wysoki."),
        ("medium", "Raczej średnio nam to przeszkadza, wpisuję średni."),
        ("medium", "Formularz: wpływ średni; maszyna: OXIJET."),
        ("critical", "Stan krytyczny, stoimy."),
        ("low", "A niech będzie, że niski."),
        ("low", 'Mieści się to u nas w kategorii "niski".'),
        ("medium", "W tabelce zaznaczyłabym średni."),
        ("medium", "Zaznaczyłem w tabelce średni."),
        ("high", "Wysoki stoimy połową zmiany"),
    ],
)
def test_a_level_is_named_in_many_ways(level: str, said: str) -> None:
    assert named(said) == level


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("critical", 'Rano wpisałam w formularzu "średni". Teraz poprawiam: krytyczny.'),
        ("high", "Zmieniam ze średniego na wysoki."),
        ("high", "Krytyczny to to nie jest, raczej wysoki, bo połowę materiałów muszę przyklejać taśmą."),
        ("low", "To nie jest średni wpływ, tylko niski."),
        ("medium", "Proszę nie ustawiać od razu na krytyczny, wpływ średni."),
        ("medium", "W Waszej tabelce wpisałabym średni."),
        ("high", "Trudno powiedzieć, wpisałbym wysoki."),
        (None, "Wasz konsultant wpisał nam krytyczny."),
        (None, "Wpływu nie nazwałbym wysokim."),
        (None, "Krytyczny to to nie jest."),
    ],
)
def test_a_level_is_corrected_or_denied(level: str | None, said: str) -> None:
    assert named(said) == level


def read_level_of(text: str) -> tuple[str, bool] | None:
    """The level of a whole first mail, and whether it was named."""
    fact = read(a_mail(text, name="Jan Kowalski"), ReadingContext(a_service())).facts.impact
    return (fact.value, fact.stated) if fact else None


def test_a_level_below_the_greeting_is_read() -> None:
    assert read_level_of("OXI CUT 1625 nie tnie.\n\nPozdrawiam\nJan Kowalski\nGrafmax\nPS Wpływ oceniam na średni.") == ("medium", True)


def test_a_correction_beats_the_line_of_the_form() -> None:
    form = "Firma: Grafmax\nUrządzenie: OXI CUT 1625\nWpływ na działalność: wysoki\n\n"
    assert read_level_of(form + "Nóż nie opada.") == ("high", True)
    assert read_level_of(form + "Nóż nie opada. Poprawiam: jednak krytyczny, bo padła też druga.") == ("critical", True)


def test_a_faint_word_gives_way_to_a_clear_one() -> None:
    assert named("Wpływ na firmę: niski. Wałek jest już wysoki.") == "low"


@pytest.mark.parametrize(
    "said",
    [
        "Wysoki priorytet ma ten komunikat, bo nie idzie go wyciszyć.",
        "Zadanie w kolejce ma wysoki priorytet i się nie drukuje.",
        "Poziom atramentu: niski.",
        "Poziom podciśnienia jest niski.",
        "Pompa daje wysokie ciśnienie na wyjściu.",
        "We put high pressure on the roller.",
        "Temperature setting: high.",
        "Classification of the material: medium density.",
        "Nie wiem, czy wpisać wysoki czy średni.",
        "Na ekranie CRITICAL ERROR 12.",
        "Several messages per second are in the log.",
        "Do wyboru są: niski / średni / wysoki / krytyczny.",
        "Priority: High stoi przy każdym zadaniu w kolejce.",
        "Wasz konsultant mówił, że wysoki załatwiacie od ręki.",
        "Proszę o wycenę stołu o niskim profilu.",
        "Kupujemy atrament w średniej cenie.",
        "W hali jest wysoka temperatura, może to ma wpływ.",
        "Wpływ na to może mieć wysoka wilgotność.",
        "Podciśnienie za niskie.",
        "Ink low, tank full.",
        "On high speed the head drifts.",
        "The carriage runs too low and scrapes.",
        "We print in medium density mode.",
        "Stół ustawia się za nisko.",
        "Mamy wysokie wymagania co do jakości.",
        "Głowica jest za wysoko nad materiałem.",
        "Napięcie na zasilaczu niskie, 22 V.",
        "Poziom białego niski.",
        "To jest krytyczny element maszyny.",
        "Krytyczne zlecenie wychodzi jutro.",
        "Jeśli nie przyjedziecie do piątku, będzie krytycznie.",
        "Jak padnie druga, wpływ będzie krytyczny.",
        "Nie wiem czy to wysoki czy średni.",
        "Co u Państwa oznacza wysoki?",
        "Wysoki sezon zaczyna się za tydzień.",
        "Film robi się matowy na wysokich krawędziach.",
        "Awaria krytycznego podzespołu, czyli pompy, ale drukujemy.",
        "krytyczny błąd 0x12 na panelu",
        "System zgłasza błąd krytyczny.",
        "Wysoki stopień połysku.",
        "średni czas druku wzrósł z 4 do 9 minut",
        "Pan Marek mówił, że na wysokim biegu nie piszczy.",
    ],
)
def test_the_word_of_a_level_in_another_role(said: str) -> None:
    assert named(said) is None
