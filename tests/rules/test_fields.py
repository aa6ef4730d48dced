"""Structured fields: comments and quoted strings as senders, honest or not, write them."""

from __future__ import annotations

import pytest

from mailbot.rules.fields import LONGEST, keyword, words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("auto-replied; owner-email=jan@x.example", ["auto-replied", ";", "owner-email", "=", "jan@x.example"]),
        ("(a (b) c) no (d)", ["no"]),
        (r"(a \) auto-replied) no", ["no"]),
        (r"(a \( b) no", ["no"]),
        ("(never closed no", []),
        ("no) auto", ["no)", "auto"]),
        ('"jan k"@x', ["jan k@x"]),
        (r'"a\"; b" c', ['a"; b', "c"]),
        ('x="', ["x", "=", ""]),
        ('"open; a=b', ["open; a=b"]),
        ("a(comment)b", ["a", "b"]),
        ("\ta\u00a0b", ["a", "b"]),
    ],
)
def test_words(value: str, expected: list[str]) -> None:
    assert list(words(value)) == expected


@pytest.mark.parametrize(("value", "expected"), [(" (x) No; y", "no"), ("=;", ""), ("Bulk, list", "bulk")])
def test_keyword(value: str, expected: str) -> None:
    assert keyword(value) == expected


def test_a_field_is_read_so_far() -> None:
    assert list(words(" " * LONGEST + "late")) == []
