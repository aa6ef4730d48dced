"""How a letter addresses its reader: by name in the vocative where name and sex are certain, else neutrally.

The common first names stand here with their vocatives, checked against the dictionary by a test, since the dictionary itself
stays out of the daemon. A rarer name gets the neutral greeting, which is never wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from mailbot.model.facts import Fact, Facts, Where
from mailbot.model.mail import Address

Vocative = Callable[[str], tuple[Literal["m", "f"], str] | None]
"""Port: the sex and vocative of a Polish first name in the nominative, or None unless both are certain."""

_MEN = """
Adam Adamie, Adrian Adrianie, Albert Albercie, Aleksander Aleksandrze, Andrzej Andrzeju, Antoni Antoni,
Arkadiusz Arkadiuszu, Artur Arturze, Bartłomiej Bartłomieju, Bartosz Bartoszu, Błażej Błażeju, Bogdan Bogdanie,
Bogusław Bogusławie, Cezary Cezary, Czesław Czesławie, Damian Damianie, Daniel Danielu, Dariusz Dariuszu,
Dawid Dawidzie, Dominik Dominiku, Edward Edwardzie, Emil Emilu, Eryk Eryku, Eugeniusz Eugeniuszu, Filip Filipie,
Franciszek Franciszku, Grzegorz Grzegorzu, Henryk Henryku, Hubert Hubercie, Ireneusz Ireneuszu, Jacek Jacku,
Jakub Jakubie, Jan Janie, Janusz Januszu, Jarosław Jarosławie, Jerzy Jerzy, Józef Józefie, Kacper Kacprze,
Kamil Kamilu, Karol Karolu, Kazimierz Kazimierzu, Konrad Konradzie, Krystian Krystianie, Krzysztof Krzysztofie,
Leszek Leszku, Łukasz Łukaszu, Maciej Macieju, Marcin Marcinie, Marek Marku, Mariusz Mariuszu, Mateusz Mateuszu,
Michał Michale, Mikołaj Mikołaju, Mirosław Mirosławie, Norbert Norbercie, Oskar Oskarze, Patryk Patryku, Paweł Pawle,
Piotr Piotrze, Przemysław Przemysławie, Radosław Radosławie, Rafał Rafale, Remigiusz Remigiuszu, Robert Robercie,
Roman Romanie, Ryszard Ryszardzie, Sebastian Sebastianie, Sławomir Sławomirze, Stanisław Stanisławie, Stefan Stefanie,
Sylwester Sylwestrze, Szymon Szymonie, Tadeusz Tadeuszu, Tomasz Tomaszu, Wacław Wacławie, Waldemar Waldemarze,
Wiesław Wiesławie, Wiktor Wiktorze, Witold Witoldzie, Władysław Władysławie, Włodzimierz Włodzimierzu,
Wojciech Wojciechu, Zbigniew Zbigniewie, Zdzisław Zdzisławie, Zenon Zenonie, Zygmunt Zygmuncie
"""
_WOMEN = """
Agata Agato, Agnieszka Agnieszko, Aleksandra Aleksandro, Alicja Alicjo, Alina Alino, Aneta Aneto, Anna Anno,
Barbara Barbaro, Beata Beato, Bożena Bożeno, Dagmara Dagmaro, Danuta Danuto, Daria Dario, Dominika Dominiko,
Dorota Doroto, Edyta Edyto, Elżbieta Elżbieto, Emilia Emilio, Ewa Ewo, Ewelina Ewelino, Gabriela Gabrielo,
Grażyna Grażyno, Halina Halino, Hanna Hanno, Helena Heleno, Ilona Ilono, Irena Ireno, Iwona Iwono, Izabela Izabelo,
Jadwiga Jadwigo, Janina Janino, Joanna Joanno, Jolanta Jolanto, Julia Julio, Justyna Justyno, Kamila Kamilo,
Karolina Karolino, Katarzyna Katarzyno, Kinga Kingo, Klaudia Klaudio, Krystyna Krystyno, Lidia Lidio, Lucyna Lucyno,
Magdalena Magdaleno, Małgorzata Małgorzato, Maria Mario, Marianna Marianno, Marlena Marleno, Marta Marto,
Martyna Martyno, Marzena Marzeno, Milena Mileno, Mirosława Mirosławo, Monika Moniko, Natalia Natalio, Olga Olgo,
Patrycja Patrycjo, Paulina Paulino, Renata Renato, Sabina Sabino, Stanisława Stanisławo, Sylwia Sylwio, Teresa Tereso,
Urszula Urszulo, Wanda Wando, Weronika Weroniko, Wiesława Wiesławo, Wioletta Wioletto, Zofia Zofio, Zuzanna Zuzanno
"""


def _pairs(table: str) -> dict[str, str]:
    return dict(entry.split() for entry in table.split(","))


MEN, WOMEN = _pairs(_MEN), _pairs(_WOMEN)


def common_vocative(first_name: str) -> tuple[Literal["m", "f"], str] | None:
    """Sex and vocative of a common Polish first name in its full form; None for any other word."""
    if first_name in MEN:
        return "m", MEN[first_name]
    if first_name in WOMEN:
        return "f", WOMEN[first_name]
    return None


def greeting(facts: Facts, reader: Address, language: str, vocative: Vocative = common_vocative) -> str:
    """The first line of a letter, without its comma, e.g. "Dzień dobry, Panie Janie" or "Dzień dobry".

    A name is used only where it is certainly the reader's, and never one that only the register knows.
    """
    plain = "Hello" if language == "en" else "Dzień dobry"
    name = facts.first_name
    if name is None or facts.last_name is None or not _is_readers_own(name, facts, reader):
        return plain
    if language == "en":
        return f"{plain} {name.value}"
    found = vocative(name.value)
    if found is None:
        return plain
    sex, called = found
    return f"{plain}, {'Panie' if sex == 'm' else 'Pani'} {called}"


def _is_readers_own(name: Fact, facts: Facts, reader: Address) -> bool:
    """Whether who told us this name about themselves will read the letter; a person spoken of in the text is somebody else."""
    if name.where is Where.REGISTER:
        return False
    if name.value.casefold() in reader.name.casefold().split():
        return True
    own_words = name.where in (Where.FORM, Where.SIGNATURE, Where.SENDER)
    return own_words and facts.email is not None and facts.email.value.lower() == reader.key
