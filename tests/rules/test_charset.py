"""The ladder of character sets: what the label says, what the bytes say, and who wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.rules.charset import codec_of, decode

POLISH = "Dzień dobry, źródło świeci się na żółto, wymagają części. ŁÓDŹ, ŻÓŁĆ, ŚWIĄTYNIA"
LABELS = [
    "utf-8",
    "windows-1250",
    "iso-8859-2",
    "iso-8859-1",
    "windows-1252",
    "us-ascii",
    "x-unknown",
    "",
    None,
    "ISO_8859-2",
    "CP1250",
    "ansi",
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("actual", ["utf-8", "cp1250", "iso8859-2"])
def test_polish_is_read_whatever_the_label(actual: str, label: str | None) -> None:
    assert decode(POLISH.encode(actual), label) == POLISH


@pytest.mark.parametrize(
    ("text", "actual", "label"),
    [
        ("wymagają", "cp1250", "iso-8859-2"),  # the one letter of the two sets that is a letter in both
        ("wymagają", "iso8859-2", "windows-1250"),
        ("Łukasz", "cp1250", None),
        ("Łukasz", "iso8859-2", None),
        ("Błąd 12", "cp1250", "utf-8"),
        ("„Foto” – 5 °C, 10 €", "cp1250", "iso-8859-2"),
        ("à la façon très bête", "cp1252", "iso-8859-1"),
        ("Grüße aus Köln", "cp1252", "iso-8859-1"),
        ("señor mañana, ¿qué pasa?", "cp1252", "iso-8859-1"),
        ("druk 50 m³ i 20 m²", "cp1252", "iso-8859-1"),
        ("příliš žluťoučký kůň", "iso8859-2", "iso-8859-2"),
        ("příliš žluťoučký kůň", "cp1250", "windows-1250"),
        ("Привет, мир", "koi8-r", "koi8-r"),
        ("Привет, мир", "cp1251", "windows-1251"),
        ("日本語", "iso2022_jp", "iso-2022-jp"),
        ("你好联通", "gbk", "gb2312"),
        ("联通", "gbk", "gb2312"),  # valid UTF-8 by accident
        ("zażółć", "cp852", "cp852"),
        ("zażółć", "utf-16", "utf-16"),
        ("zażółć", "utf-16-le", "utf-16"),
        ("zażółć", "utf-16-be", "utf-16be"),
        ("zażółć", "utf-32", "utf-32"),
        ("zażółć", "utf-7", "utf-7"),
        ("zażółć", "utf-8-sig", "iso-8859-2"),
        ("OXIJET", "ascii", "utf-16"),
    ],
)
def test_sets_by_their_bytes(text: str, actual: str, label: str | None) -> None:
    assert decode(text.encode(actual), label) == text


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    assert decode("źródło".encode() + b"\xff", "iso-8859-2") == "źródło\ufffd"
    assert decode("źródło świeci ".encode() + "ż".encode()[:1], "utf-8") == "źródło świeci \ufffd"


@pytest.mark.parametrize(
    "label", ["base64", "hex", "rot13", "idna", "punycode", "undefined", "unicode_escape", "zlib", "mbcs", "x" * 5000, "\0", "../x"]
)
def test_a_sender_cannot_choose_a_codec_that_is_no_charset(label: str) -> None:
    assert codec_of(label) is None
    assert decode(b"\\x41 stoi", label) == "\\x41 stoi"


@pytest.mark.parametrize(
    ("label", "codec"),
    [("latin2", "iso8859_2"), ("UTF8", "utf_8"), ("windows-1250", "cp1250"), ("x-cp1250", "cp1250"), ("iso-8859-1", "cp1252")],
)
def test_names_of_sets(label: str, codec: str) -> None:
    assert codec_of(label) == codec


@given(
    st.binary(max_size=200),
    st.one_of(
        st.none(), st.sampled_from(["utf-8", "cp1250", "iso-8859-2", "latin1", "utf-16", "utf-7", "gbk", "koi8-r"]), st.text(max_size=20)
    ),
)
def test_any_bytes_with_any_label_are_read(data: bytes, label: str | None) -> None:
    assert isinstance(decode(data, label), str)
    assert decode(data, label) == decode(data, label)
