"""A greeting by name only when sure: right name, right sex, right vocative."""

import pytest

from mailbot.model.facts import Fact, Facts, Where
from mailbot.model.mail import Address
from mailbot.rules.greeting import MEN, WOMEN, greeting

JAN = Address("Jan Kowalski", "jan@drukarnia.example")
NAMELESS = Address("", "biuro@drukarnia.example")


def _facts(first: str, where: Where = Where.SIGNATURE, email: str = "", last: str | None = "Kowalski") -> Facts:
    return Facts(
        first_name=Fact(first, where),
        last_name=Fact(last, where) if last else None,
        email=Fact(email, Where.SENDER) if email else None,
    )


def test_the_vocative_where_name_and_sex_are_certain() -> None:
    assert greeting(_facts("Jan"), JAN, "pl") == "Dzień dobry, Panie Janie"
    assert greeting(_facts("Anna"), Address("Anna Lis", "a@x.example"), "pl") == "Dzień dobry, Pani Anno"
    assert greeting(_facts("Jan"), JAN, "en") == "Hello Jan"


@pytest.mark.parametrize(
    ("facts", "reader"),
    [
        (Facts(), JAN),
        (_facts("Nikita"), Address("Nikita Kowalski", "n@x.example")),  # sex not certain
        (_facts("Kasia"), Address("Kasia Kowalska", "k@x.example")),  # a diminutive: "Pani Kasiu" is not ours to say
        (_facts("Jan", last=None), JAN),  # half a name may be a nickname
        (_facts("Marek", Where.TEXT), JAN),  # "proszę dzwonić do Marka": Jan reads this
        (_facts("Marek", Where.TEXT, email=NAMELESS.email), NAMELESS),
        (_facts("Jan", Where.REGISTER, email=NAMELESS.email), NAMELESS),  # the register is never disclosed
        (_facts("Jan", Where.REGISTER), JAN),
        (_facts("Jan", Where.FORM, email="jan@drukarnia.example"), NAMELESS),  # a colleague answers
    ],
)
def test_neutral_where_anything_is_in_doubt(facts: Facts, reader: Address) -> None:
    assert greeting(facts, reader, "pl") == "Dzień dobry"


def test_a_name_signed_or_filled_in_by_the_reader_is_theirs() -> None:
    for where in (Where.FORM, Where.SIGNATURE):
        assert greeting(_facts("Jan", where, email=NAMELESS.email), NAMELESS, "pl") == "Dzień dobry, Panie Janie"


def test_a_vocative_port_may_know_more_names() -> None:
    reader = Address("Dobromir Lis", "d@x.example")
    assert greeting(_facts("Dobromir"), reader, "pl") == "Dzień dobry"
    assert greeting(_facts("Dobromir"), reader, "pl", lambda name: ("m", "Dobromirze")) == "Dzień dobry, Panie Dobromirze"


def test_the_table_agrees_with_the_dictionary() -> None:
    dictionary = pytest.importorskip("morfeusz2").Morfeusz()
    for names, gender in ((MEN, "m1"), (WOMEN, "f")):
        for name, vocative in names.items():
            forms = {
                form
                for form, _, tag, kinds, _ in dictionary.generate(name)
                if "imię" in kinds
                and "voc" in tag.split(":")[2].split(".")
                and "sg" in tag.split(":")[1].split(".")
                and gender in tag.split(":")
            }
            assert vocative in forms, (name, vocative, forms)
    assert not MEN.keys() & WOMEN.keys()
