"""Hostile and broken text: no exception, no control characters, linear time."""

# ruff: noqa: E501 (mails as they are sent)
from __future__ import annotations

import json
import os
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.model.facts import Item
from mailbot.model.mail import Mail
from mailbot.rules.parse import parse
from mailbot.rules.reading import ReadingContext, judge_kind, read
from mailbot.rules.triage import triage
from tests.build import a_mail, a_service
from tests.corpus.compose import request_mail
from tests.corpus.split import is_held_back

MEGABYTE = 1_000_000
HOSTILE = {
    "quotes": ">" * MEGABYTE,
    "quote lines": ">\n" * (MEGABYTE // 2),
    "spaces": " " * MEGABYTE,
    "digits": "1 " * (MEGABYTE // 2),
    "phones": "600 111 222 " * (MEGABYTE // 12),
    "one word": "a" * MEGABYTE,
    "nie": "nie " * (MEGABYTE // 4),
    "headers": "Od: x\nDo: y\n" * (MEGABYTE // 12),
    "names": "Jan Kowalski " * (MEGABYTE // 13),
    "capitals": "Ą" * MEGABYTE,
    "brackets": "(" * MEGABYTE,
    "addresses": "a@" * (MEGABYTE // 2),
    "dots": "x." * (MEGABYTE // 2),
    "form": "Nazwa firmy:\n" * (MEGABYTE // 13),
    "legal": "Sp. z o.o. " * (MEGABYTE // 11),
    "underscores": "_" * MEGABYTE,
    "intro": "W dniu 1.1.2024 " * (MEGABYTE // 16),
    "cues": "produkcja drukarnia linia zlecenia wszystko " * (MEGABYTE // 44),
    "levels": "wpływ na na na na na " * (MEGABYTE // 21),
    "companies": "piszę z firmy A B C D " * (MEGABYTE // 22),
    "sentences": "A. " * (MEGABYTE // 3),
    "equal sentences": "Nie działa. " * (MEGABYTE // 12),
    "slashes": "a/" * (MEGABYTE // 2),
    "callers": "proszę o kontakt z panem " * (MEGABYTE // 25),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_hostile_text(name: str) -> None:
    mail = a_mail(HOSTILE[name], name=HOSTILE[name][:2000], subject=HOSTILE[name][:5000])
    started = time.process_time()
    judge_kind(mail, read(mail, ReadingContext(a_service(), tuple(Item))))
    judge_kind(mail, read(mail, ReadingContext(a_service())))
    assert time.process_time() - started < 4  # two readings of at most two seconds


PIECES = st.sampled_from(
    [
        "Dzień dobry,\n", "OXIJET 3200", "nie drukuje", "> ", "\n", "\n\n", "-- \n", "Pozdrawiam\n", "Jan Kowalski\n", "Kolor Sp. z o.o.\n", "tel. 600 111 222\n", "Nazwa firmy:", "Wpływ na działalność (krytyczny / wysoki / średni / niski):",
        "Od: X <x@y.example>\n", "Wysłano: dziś\n", "Temat: a\n", "stoimy", "produkcja", "nie ", "Re: ", "\u200b", "\u00a0", "😀", "ﬁ", "İ", "ß", "\t", "„", "”", "s/n ", "0x1F", "____________________\n", "wysoki", "On Mon wrote:\n",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40).map("".join)


many = settings(max_examples=int(os.environ.get("MAILBOT_EXAMPLES", "300")), deadline=None, suppress_health_check=list(HealthCheck))
OWN = [json.loads(line) for line in (Path(__file__).parents[2] / "corpus" / "own_cases.jsonl").read_text("utf-8").splitlines()]
CORPUS = [request_mail(case) for case in OWN if not is_held_back(case["id"])]
SPOILS = st.tuples(
    st.sampled_from(["cut", "double", "put", "swap", "turn"]),
    st.floats(0, 1),
    st.integers(1, 60),
    st.one_of(st.binary(max_size=12), PIECES.map(str.encode)),
)


@many
@given(TEXTS, st.text(max_size=40), st.text(max_size=60), st.sets(st.sampled_from(list(Item))))
def test_any_text_is_read(text: str, name: str, subject: str, asked: set[Item]) -> None:
    text, name, subject = (_clean(part) for part in (text, name, subject))
    _is_read(a_mail(text, name=name, subject=subject), tuple(asked))


@many
@given(st.sampled_from(CORPUS), st.lists(SPOILS, max_size=8), st.sets(st.sampled_from(list(Item))))
def test_any_spoilt_mail_is_read(raw: bytes, spoils: list[tuple[str, float, int, bytes]], asked: set[Item]) -> None:
    for how, where, length, piece in spoils:
        at = int(where * len(raw))
        before, here, after = raw[:at], raw[at : at + length], raw[at + length :]
        raw = (
            before
            + {"cut": b"", "double": here * 2, "put": piece + here, "swap": here[::-1], "turn": bytes(255 - byte for byte in here)}[how]
            + after
        )
    _is_read(parse(raw), tuple(asked))


def _is_read(mail: Mail, asked: tuple[Item, ...]) -> None:
    """Without an exception, within two seconds, into facts that are one printable line."""
    began = time.process_time()
    verdict = triage(mail, a_service(), "key")
    reading = read(mail, ReadingContext(a_service(), asked))
    judge_kind(mail, reading, verdict)
    assert time.process_time() - began < 2
    for _, fact in reading.facts.found():
        assert fact.value.strip() == fact.value != ""
        assert not any(unicodedata.category(char) == "Cc" for char in fact.value)


@pytest.mark.parametrize("text", ["\t,stoimy", "", "\n", "👍", "-- ", ",", "> ", "„", "…", "1"])
def test_a_text_of_next_to_nothing(text: str) -> None:
    mail = a_mail(text, name=text, subject=text)
    for asked in ((), tuple(Item)):
        judge_kind(mail, read(mail, ReadingContext(a_service(), asked)), answers=bool(asked), asked=asked)


def _clean(text: str) -> str:
    """As `parse` hands it over: no controls but tab and newline, no surrogates, NFC."""
    return unicodedata.normalize("NFC", "".join(char for char in text if char in "\t\n" or unicodedata.category(char) not in ("Cc", "Cs")))
