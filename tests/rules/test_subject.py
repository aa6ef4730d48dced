"""Subjects as clients and gateways write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules.subject import FORWARD_WORDS, REPLY_WORDS, TAG_WORDS, same_subject_key, strip_prefixes, strip_tags, ticket_marks

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("subject", "bare", "is_reply", "is_forward"),
    [
        ("awaria", "awaria", False, False),
        ("", "", False, False),
        ("Re: awaria", "awaria", True, False),
        ("RE:awaria", "awaria", True, False),
        ("Odp: awaria", "awaria", True, False),
        ("ODP.: awaria", "awaria", True, False),
        ("Odpowiedź: awaria", "awaria", True, False),
        (f"Odp{NBSP}: awaria", "awaria", True, False),
        ("AW: Störung", "Störung", True, False),
        ("Re[2]: awaria", "awaria", True, False),
        ("Re (3) : awaria", "awaria", True, False),
        ("Re^2: awaria", "awaria", True, False),
        ("Re: Odp: Re: awaria", "awaria", True, False),
        ("PD: awaria", "awaria", False, True),
        ("PD: Re: awaria", "awaria", False, True),
        ("Re: PD: awaria", "awaria", True, False),
        ("Fwd: Fw: awaria", "awaria", False, True),
        ("WG: AW: Störung", "Störung", False, True),
        ("VS: vika", "vika", True, True),
        ("[EXT] Re: awaria", "awaria", True, False),
        ("Re: [EXTERNAL] awaria", "awaria", True, False),
        ("[EXT]Re:[EXT]PD: awaria", "awaria", True, False),
        ("***SPAM*** Odp: awaria", "awaria", True, False),
        ("{Spam?} awaria", "awaria", False, False),
        ("EXTERNAL: RE: awaria", "awaria", True, False),
        ("回复：故障", "故障", True, False),
        ("\u200bRe: awaria", "awaria", True, False),
        ("Re:   awaria\u00a0 maszyny ", "awaria maszyny", True, False),
        ("Re: [OXI-2026-000123] awaria", "[OXI-2026-000123] awaria", True, False),
        # words that only look like prefixes
        ("Reklamacja: banery", "Reklamacja: banery", False, False),
        ("Pdf: błąd RIP", "Pdf: błąd RIP", False, False),
        ("Regulacja stołu", "Regulacja stołu", False, False),
        ("Re awaria", "Re awaria", False, False),
        ("[pilne] awaria", "[pilne] awaria", False, False),
        ("Extra: awaria", "Extra: awaria", False, False),
    ],
)
def test_prefixes(subject: str, bare: str, is_reply: bool, is_forward: bool) -> None:
    assert strip_prefixes(subject) == (bare, is_reply, is_forward)


@pytest.mark.parametrize("word", sorted({*REPLY_WORDS, *FORWARD_WORDS}))
@pytest.mark.parametrize("spelling", [str, str.title])
def test_every_word_of_the_table_is_a_prefix(word: str, spelling: type[str]) -> None:
    found = strip_prefixes(f"{spelling(word)}: awaria")
    assert found == ("awaria", word in REPLY_WORDS, word in FORWARD_WORDS)


@pytest.mark.parametrize("tag", TAG_WORDS)
def test_every_tag_of_the_table_is_taken_off(tag: str) -> None:
    assert strip_tags(f"[{tag.upper()}] Re: awaria") == "Re: awaria"


@pytest.mark.parametrize(
    ("subject", "marks"),
    [
        ("[OXI-2026-000123] awaria", ("OXI-2026-000123",)),
        ("Re: OXI-2026-000123 awaria", ("OXI-2026-000123",)),
        ("odp: [oxi-2026-000123]", ("OXI-2026-000123",)),
        ("zgłoszenie OXI\u20112026\u2011000123", ("OXI-2026-000123",)),
        ("zgłoszenie OXI - 2026 - 123", ("OXI-2026-000123",)),
        ("OXI-2026-1000000", ("OXI-2026-1000000",)),
        ("OXI-2026-000002 i OXI-2026-000001, OXI-2026-000002", ("OXI-2026-000002", "OXI-2026-000001")),
        ("FOXI-2026-000123", ()),
        ("OXI-2026-000123abc", ()),
        ("OXI-1999-000123", ()),
        ("OXI UV 2513", ()),
        ("OXI-2026-", ()),
    ],
)
def test_ticket_marks(subject: str, marks: tuple[str, ...]) -> None:
    assert ticket_marks(subject, "OXI") == marks


def test_the_prefix_of_the_config_is_text_and_no_pattern() -> None:
    assert ticket_marks("A.B-2026-000001 AxB-2026-000002", "A.B") == ("A.B-2026-000001",)


@pytest.mark.parametrize(
    "subject", ["awaria OXIJET", "Re: [OXI-2026-000123] Awaria oxijet", "[EXT] Odp: [OXI-2026-000123] Re: awaria oxijet"]
)
def test_the_same_subject(subject: str) -> None:
    assert same_subject_key(subject, "OXI") == "awaria oxijet"


@given(st.text(alphabet="Rer:e[]()*#OXI-2026 0\u00a0\u200bąPDpd", max_size=60))
def test_stripping_leaves_nothing_to_strip(subject: str) -> None:
    bare = strip_prefixes(subject).bare
    assert strip_prefixes(bare) == (bare, False, False)
    assert same_subject_key(same_subject_key(subject, "OXI"), "OXI") == same_subject_key(subject, "OXI")


@pytest.mark.parametrize("hostile", ["Re: ", "[EXT] ", "OXI-2026-", "***SPAM***", "[[", "Re[", "\u200b", "OXI - "])
def test_hostile_subjects_are_linear(hostile: str) -> None:
    text = hostile * (1_000_000 // len(hostile))
    before = time.perf_counter()
    strip_prefixes(text)
    ticket_marks(text, "OXI")
    strip_tags(text)
    assert time.perf_counter() - before < 1
