"""What colleagues write in answer to a notice, and what they do not mean as a command."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.model.command import Command, Unclear, Verb, Why
from mailbot.model.facts import FACT_NAMES, Impact
from mailbot.rules.command_words import BY_WORD, EXPLANATIONS, FIELDS, SYNTAX
from mailbot.rules.commands import command, explain, help_lines, read_commands


@pytest.mark.parametrize("mark", ["", "#", "# "])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rozpocznij", Command(Verb.START)),
        ("Rozpocznij.", Command(Verb.START)),
        ("START", Command(Verb.START)),
        ("start!", Command(Verb.START)),
        ("rozpoczynam sprawę", Command(Verb.START)),
        ("start the case, please", Command(Verb.START)),
        ("przypisz Jan Nowak", Command(Verb.ASSIGN, "Jan Nowak")),
        ("przypisz: Jan Nowak", Command(Verb.ASSIGN, "Jan Nowak")),
        ("przypisz do Ewy", Command(Verb.ASSIGN, "Ewy")),
        ("przypisz sprawę do jan@oxiprint.com", Command(Verb.ASSIGN, "jan@oxiprint.com")),
        ("assign to Jan Nowak-Żuk.", Command(Verb.ASSIGN, "Jan Nowak-Żuk")),
        ("przypisz mnie", Command(Verb.ASSIGN, "me")),
        ("assign me", Command(Verb.ASSIGN, "me")),
        ("wpływ krytyczny", Command(Verb.IMPACT, Impact.CRITICAL)),
        ("wplyw sredni", Command(Verb.IMPACT, Impact.MEDIUM)),
        ("Wpływ: WYSOKI", Command(Verb.IMPACT, Impact.HIGH)),
        ("wpływ = niski", Command(Verb.IMPACT, Impact.LOW)),
        ("wpływ na działalność: krytyczny", Command(Verb.IMPACT, Impact.CRITICAL)),
        ("impact low", Command(Verb.IMPACT, Impact.LOW)),
        ("priority 2", Command(Verb.IMPACT, Impact.HIGH)),
        ("zamknij", Command(Verb.CLOSE)),
        ("zamknij proszę to zgłoszenie", Command(Verb.CLOSE)),
        ("zamknij: klient potwierdził", Command(Verb.CLOSE, "klient potwierdził")),
        ("close", Command(Verb.CLOSE)),
        ("wznów", Command(Verb.REOPEN)),
        ("wznow", Command(Verb.REOPEN)),
        ("reopen ticket", Command(Verb.REOPEN)),
        ("ustaw firma=ABC Sp. z o.o.", Command(Verb.SET, fields=(("company", "ABC Sp. z o.o."),))),
        ("ustaw firmę: ABC", Command(Verb.SET, fields=(("company", "ABC"),))),
        (
            "ustaw firma = ABC, urządzenie = OXIJET 3200; wpływ=wysoki",
            Command(Verb.SET, fields=(("company", "ABC"), ("device", "OXIJET 3200"), ("impact", "high"))),
        ),
        ("set company=ABC device=OXI UV 2513", Command(Verb.SET, fields=(("company", "ABC"), ("device", "OXI UV 2513")))),
        ("ustaw imię i nazwisko=Jan Maria Nowak", Command(Verb.SET, fields=(("first_name", "Jan"), ("last_name", "Maria Nowak")))),
        ("ustaw telefon=501 222 333", Command(Verb.SET, fields=(("phone", "+48501222333"),))),
        ("ustaw opis=błąd kod=12 przy starcie", Command(Verb.SET, fields=(("description", "błąd kod=12 przy starcie"),))),
        ("ustaw e-mail=jan@drukarnia.example", Command(Verb.SET, fields=(("email", "jan@drukarnia.example"),))),
        ("set serial number=SN-77", Command(Verb.SET, fields=(("serial", "SN-77"),))),
        ("przyjmij", Command(Verb.ACCEPT)),
        ("accept", Command(Verb.ACCEPT)),
        ("odrzuć", Command(Verb.DISMISS)),
        ("odrzuc", Command(Verb.DISMISS)),
        ("dismiss: offer", Command(Verb.DISMISS, "offer")),
        ("notatka dzwoniłem, oddzwonią", Command(Verb.NOTE, "dzwoniłem, oddzwonią")),
        ("note: they call back", Command(Verb.NOTE, "they call back")),
        ("odpowiedz Dzień dobry, technik przyjedzie jutro.", Command(Verb.REPLY, "Dzień dobry, technik przyjedzie jutro.")),
        ("odpowiedz: jutro przyjedzie technik", Command(Verb.REPLY, "jutro przyjedzie technik")),
        ("odpowiedz technik będzie jutro o 10", Command(Verb.REPLY, "technik będzie jutro o 10")),
        ("odpowiedz Proszę o zdjęcie głowicy.", Command(Verb.REPLY, "Proszę o zdjęcie głowicy.")),
        ("reply We will come tomorrow.", Command(Verb.REPLY, "We will come tomorrow.")),
        ("status", Command(Verb.STATUS)),
        ("pomoc", Command(Verb.HELP)),
        ("help", Command(Verb.HELP)),
    ],
)
def test_a_command_a_line(mark: str, line: str, expected: Command) -> None:
    assert read_commands(mark + line) == (expected,)


PROSE = [
    "Start maszyny nie pomógł",
    "Status zlecenia u klienta jest nieznany",
    "Pomoc techniczna była u klienta wczoraj",
    "Help is on the way to them",
    "Zamknij pokrywę i uruchom ponownie",
    "Close the cover and restart the machine",
    "Przyjmij się do wiadomości, że klient czeka",
    "Accept my apologies for the delay",
    "Ustaw temperaturę na 60 stopni",
    "Set the temperature to 60",
    "Wpływ na działalność jest u nich raczej duży, bo stoją",
    "Przypisz proszę to zgłoszenie komuś, bo ja mam od jutra urlop",
    "Odpowiedź klienta jest w załączniku",
    "Odrzuć ten pomysł od razu, bez sensu",
    "Dziękuję, zajmę się tym jutro.",
    "Dzwoniłem do klienta.",
    "Gotowe",
    "Ok",
    "Super, dzięki!",
    "Zamknięte.",
    "#1 na liście",
    "",
    "> start",
    "Start-stop nie działa",
    "start/stop",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_no_command(text: str) -> None:
    assert read_commands(text) == ()


@pytest.mark.parametrize(
    ("line", "why", "suggestion"),
    [
        ("rozpocnij", Why.UNKNOWN_WORD, "rozpocznij"),
        ("zamknji", Why.UNKNOWN_WORD, "zamknij"),
        ("wplwy krytyczny", Why.UNKNOWN_WORD, "wpływ krytyczny"),
        ("asign Jan Nowak", Why.UNKNOWN_WORD, "assign Jan Nowak"),
        ("odpowidz: przyjedziemy jutro", Why.UNKNOWN_WORD, "odpowiedz: przyjedziemy jutro"),
        ("#strat", Why.UNKNOWN_WORD, "#start"),
        ("#zrób kawę", Why.UNKNOWN_WORD, ""),
        ("wpływ krytyczni", Why.NEEDS_LEVEL, "krytyczny"),
        ("wpływ sredn", Why.NEEDS_LEVEL, "średni"),
        ("wpływ", Why.NEEDS_LEVEL, ""),
        ("wpływ duży", Why.NEEDS_LEVEL, ""),
        ("wpływ nie krytyczny", Why.NEEDS_LEVEL, ""),
        ("przypisz", Why.NEEDS_NAME, ""),
        ("#przypisz komuś kto ma jutro czas", Why.NEEDS_NAME, ""),
        ("ustaw", Why.NEEDS_FIELD, ""),
        ("ustaw firma ABC", Why.NEEDS_FIELD, "ustaw firma=ABC"),
        ("ustaw frima=ABC", Why.NEEDS_FIELD, "firma"),
        ("ustaw kolor=czerwony", Why.NEEDS_FIELD, ""),
        ("ustaw firma=", Why.NEEDS_VALUE, ""),
        ("ustaw telefon=12", Why.NEEDS_VALUE, ""),
        ("ustaw e-mail=jan(at)x", Why.NEEDS_VALUE, ""),
        ("ustaw wpływ=duży", Why.NEEDS_LEVEL, ""),
        ("ustaw osoba=Jan", Why.NEEDS_FULL_NAME, ""),
        ("start jutro", Why.TAKES_NOTHING, "start"),
        ("zamknij jutro", Why.TAKES_NOTHING, "zamknij: jutro"),
        ("#rozpocznij jak tylko klient oddzwoni", Why.TAKES_NOTHING, "#rozpocznij"),
        ("odpowiedz", Why.NEEDS_TEXT, ""),
        ("notatka:", Why.NEEDS_TEXT, ""),
        ("odpowiedz klientowi, że jutro przyjedziemy", Why.TO_CUSTOMER, "odpowiedz: …"),
        ("odpowiedz mu proszę", Why.TO_CUSTOMER, "odpowiedz: …"),
        ("Reply to the customer tomorrow", Why.TO_CUSTOMER, "Reply: …"),
        ("Odpowiedź: klient nie odbiera", Why.TO_CUSTOMER, "odpowiedz: …"),
        ("zamknij OXI-2026-000124", Why.OTHER_TICKET, ""),
    ],
)
def test_unclear_is_not_guessed(line: str, why: Why, suggestion: str) -> None:
    assert read_commands(line, "OXI-2026-000123") == (Unclear(line, why, suggestion),)


def test_a_suggestion_works_when_it_is_sent() -> None:
    for line in ("rozpocnij", "wplwy krytyczny", "asign Jan Nowak", "ustaw firma ABC", "zamknij jutro", "#strat"):
        (unclear,) = read_commands(line)
        assert isinstance(unclear, Unclear)
        assert isinstance(read_commands(unclear.suggestion)[0], Command)


def test_the_tickets_own_number_may_stand_there() -> None:
    assert read_commands("zamknij [OXI-2026-000123]", "OXI-2026-000123") == (Command(Verb.CLOSE),)
    assert read_commands("start oxi-2026-000123", "OXI-2026-000123") == (Command(Verb.START),)
    assert read_commands("przypisz Jan\nzamknij OXI-2026-000123") == (
        Command(Verb.ASSIGN, "Jan"),
        Unclear("zamknij OXI-2026-000123", Why.OTHER_TICKET),
    )


def test_several_commands_on_several_lines() -> None:
    commands = "Cześć,\n\nstart\nwpływ wysoki\n\nustaw firma=ABC\nnotatka pierwsza\ndruga linia\nprzypisz mnie\n"
    text = commands + "odpowiedz\nDzień dobry,\n\nstart\nwkrótce.\n#status\n"
    assert read_commands(text) == (
        Command(Verb.START),
        Command(Verb.IMPACT, Impact.HIGH),
        Command(Verb.SET, fields=(("company", "ABC"),)),
        Command(Verb.NOTE, "pierwsza\ndruga linia"),
        Command(Verb.ASSIGN, "me"),
        Command(Verb.REPLY, "Dzień dobry,\n\nstart\nwkrótce."),
        Command(Verb.STATUS),
    )


def test_a_clear_line_counts_beside_an_unclear_one() -> None:
    assert read_commands("start\nzamknji") == (Command(Verb.START), Unclear("zamknji", Why.UNKNOWN_WORD, "zamknij"))


def test_after_prose_only_a_marked_line_is_a_command() -> None:
    assert read_commands("Dzwoniłem do klienta.\nzamknij") == ()
    assert read_commands("Dzwoniłem do klienta.\n#zamknij") == (Command(Verb.CLOSE),)
    assert read_commands("start\nDzwoniłem do klienta.\nzamknij") == (Command(Verb.START),)


def test_commands_stand_in_the_first_lines() -> None:
    assert read_commands("x y z\n" * 30 + "#zamknij") == ()


def test_a_quote_ends_everything() -> None:
    assert read_commands("start\n> zamknij\n#zamknij") == (Command(Verb.START),)
    assert read_commands("odpowiedz: Jutro.\n> tajne\n> notatki") == (Command(Verb.REPLY, "Jutro."),)


@pytest.mark.parametrize(
    ("verb", "words", "expected"),
    [
        (Verb.START, [], Command(Verb.START)),
        (Verb.START, ["now"], Unclear("start now", Why.TAKES_NOTHING, "start")),
        (Verb.ASSIGN, ["Jan", "Nowak"], Command(Verb.ASSIGN, "Jan Nowak")),
        (Verb.IMPACT, ["krytyczny"], Command(Verb.IMPACT, Impact.CRITICAL)),
        (Verb.IMPACT, [], Unclear("impact", Why.NEEDS_LEVEL)),
        (Verb.CLOSE, ["klient", "potwierdził"], Command(Verb.CLOSE, "klient potwierdził")),
        (Verb.NOTE, ["to jest", "notatka"], Command(Verb.NOTE, "to jest notatka")),
        (Verb.NOTE, [], Unclear("note", Why.NEEDS_TEXT)),
        (Verb.REPLY, ["to the customer"], Command(Verb.REPLY, "to the customer")),
        (Verb.SET, ["company=ABC, s.c.", "opis=a = b"], Command(Verb.SET, fields=(("company", "ABC, s.c."), ("description", "a = b")))),
        (Verb.SET, [], Unclear("", Why.NEEDS_FIELD)),
        (Verb.SET, ["company"], Unclear("company", Why.NEEDS_FIELD)),
        (Verb.OPEN, ["email=jan@x.example"], Command(Verb.OPEN, fields=(("email", "jan@x.example"),))),
        (Verb.OPEN, [], Command(Verb.OPEN)),
        (Verb.MERGE, ["OXI-2026-000001"], Command(Verb.MERGE, "OXI-2026-000001")),
        (Verb.MERGE, [], Unclear("merge", Why.NEEDS_VALUE)),
    ],
)
def test_the_command_line_makes_the_same_values(verb: Verb, words: list[str], expected: Command | Unclear) -> None:
    assert command(verb, words) == expected


@pytest.mark.parametrize("why", Why)
def test_every_why_has_its_words(why: Why) -> None:
    assert explain(Unclear("zamknji", why)).startswith("Nie wykonano „zamknji”: ")
    assert explain(Unclear("zamknji", why, "zamknij")).endswith("Czy chodziło o „zamknij”?")
    assert explain(Unclear("clsoe", why, "close"), "en").endswith("Did you mean “close”?")
    assert set(EXPLANATIONS) == set(Why)


def test_the_tables_are_whole() -> None:
    assert {syntax.verb for syntax in SYNTAX} == set(Verb) - {Verb.OPEN, Verb.MERGE}
    assert len(BY_WORD) == sum(len(syntax.words) for syntax in SYNTAX)
    assert set(FIELDS.values()) - {"name"} <= set(FACT_NAMES)
    assert len(help_lines()) == len(SYNTAX)


@pytest.mark.parametrize("syntax", SYNTAX, ids=lambda syntax: syntax.verb)
def test_what_help_shows_is_understood(syntax: object) -> None:
    for shape in syntax.shape.split(" | ")[:1]:  # type: ignore[attr-defined]
        line = shape.replace("IMIĘ NAZWISKO", "Jan Nowak").replace("TEKST", "Dzień dobry")
        (found,) = read_commands(line)
        assert isinstance(found, Command)
        assert found.verb == syntax.verb  # type: ignore[attr-defined]


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for found in read_commands(text):
        assert isinstance(found, Command | Unclear)


@given(st.sampled_from(sorted(BY_WORD)), st.text(alphabet="=:# ,.;żółwfirmalk1\n>", max_size=60))
def test_any_command_like_text_is_read_without_an_error(word: str, rest: str) -> None:
    for found in read_commands(f"{word}{rest}"):
        assert isinstance(found, Command | Unclear)


@pytest.mark.parametrize("hostile", ["start ", "ustaw firma=", "a", "=", "ustaw ", "#start\n", "notatka x\n", "odpowiedz\n", "\n", "# "])
def test_hostile_text_is_linear(hostile: str) -> None:
    text = hostile * (1_000_000 // len(hostile))
    before = time.perf_counter()
    read_commands(text)
    read_commands("ustaw opis=" + text)
    assert time.perf_counter() - before < 1
