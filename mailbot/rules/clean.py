"""Text at the border: whatever bytes said, what leaves here can be stored, compared, logged and sent.

SQLite, PostgreSQL and SMTP each choke on something that a mail may hold: NUL, lone surrogates, control characters.
"""

from __future__ import annotations

import re
import sys
import unicodedata

_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\u2028\u2029]")
_REPLACED = re.compile("[\x00\x80-\x9f\ud800-\udfff]")
_BLANKED = re.compile("[\x01-\x08\x0e-\x1f\x7f]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphen, zero-width space, word joiner, byte order mark
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ODD_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_MARKS_KEPT = 30  # Stream-Safe Text Format (UAX 15, section 13)


def _combining_class() -> str:
    """The characters that normalisation reorders, as the inside of a character class."""
    codes = [code for code in range(0x300, 0x1E94B) if unicodedata.combining(chr(code))]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


# Reordering is an insertion sort: 80,000 marks on one letter take 6 s, so a run is cut before it is normalised.
_MARKS = re.compile(f"([{_combining_class()}]{{{_MARKS_KEPT}}})[{_combining_class()}]+")

_MAYBE_MARKS = re.compile(f"[^\x00-\u02ff]{{{_MARKS_KEPT + 1}}}")  # the quick question first: Latin text has no such run


def clean_text(text: str, limit: int = sys.maxsize) -> str:
    """`text` in NFC with `\\n` line ends and no control characters but tab and newline; at most `limit` characters.

    NUL, C1 controls and lone surrogates leave a U+FFFD, for they were data; other C0 controls leave a space.
    Linear in the length of the text, and `clean_text(clean_text(x)) == clean_text(x)`.
    """
    text = text[:limit]
    if text.isascii() and text.isprintable():
        return text
    if _UNCLEAN.search(text):
        text = _NEWLINES.sub("\n", text)
        text = _BLANKED.sub(" ", _REPLACED.sub("\ufffd", text))
    if not text.isascii():
        if _MAYBE_MARKS.search(text):
            text = _MARKS.sub(r"\1", text)
        text = unicodedata.normalize("NFC", text)[:limit]
    return text


def clean_body(text: str, limit: int = sys.maxsize) -> str:
    """`clean_text` for a body: invisible characters dropped, no-break and other odd spaces turned into plain ones."""
    if not text.isascii():
        text = _ODD_SPACES.sub(" ", _INVISIBLE.sub("", text[:limit]))
    return clean_text(text, limit)


def clean_line(text: str, limit: int = 10_000) -> str:
    """`clean_text` on one line: every run of whitespace is one space, direction overrides and invisible characters are dropped.

    A decoded header can hold an encoded CR LF (`=?utf-8?q?a=0D=0ABcc:_x?=`); here it ends as a space and injects nothing.
    """
    if text.isascii():
        line = " ".join(text.split())
        if line.isprintable():
            return line[:limit]
    return " ".join(clean_text(_BIDI.sub("", _INVISIBLE.sub("", text[:limit])), limit).split())
