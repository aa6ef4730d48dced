"""Subjects: reply and forward prefixes in the languages of mail clients, tags of mail gateways, ticket marks."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

# Each word stands before a colon, perhaps with a counter: `Re:`, `RE[2]:`, `Odp.:`, `Antw (3) :`. The comment names language and client.
REPLY_WORDS = (
    "re",  # English, and most clients whatever their language
    "odp",  # Polish: Outlook, Onet, WP, Interia
    "odpowiedź",  # Polish: phones
    "aw",  # German: Outlook
    "antw",  # German, Dutch
    "antwort",  # German
    "sv",  # Danish, Norwegian, Swedish
    "vs",  # Finnish reply; Danish and Norwegian forward
    "res",  # Brazilian Portuguese
    "rif",  # Italian
    "r",  # Italian
    "ref",  # French
    "ré",  # French
    "rép",  # French
    "bls",  # Indonesian
    "ynt",  # Turkish
    "atb",  # Welsh
    "odg",  # Croatian, Serbian
    "ang",  # Swedish: Lotus
    "відп",  # Ukrainian
    "отв",  # Russian
    "回复",  # Chinese
)
FORWARD_WORDS = (
    "fw",  # English
    "fwd",  # English
    "pd",  # Polish: Outlook
    "podaj dalej",  # Polish: old webmail
    "przekazano",  # Polish: old webmail
    "wg",  # German: Outlook
    "weitergeleitet",  # German: Apple
    "tr",  # French
    "rv",  # Spanish
    "i",  # Italian
    "vs",  # Danish, Norwegian
    "vb",  # Swedish
    "vl",  # Finnish
    "enc",  # Brazilian Portuguese
    "redir",  # Romanian
    "i̇lt",  # Turkish
    "ilt",  # Turkish, folded
    "videresend",  # Norwegian
    "пер",  # Ukrainian, Russian
    "转发",  # Chinese
)
# What gateways and spam filters put in front: [EXT], (EXTERNAL), ***SPAM***, {Spam?}, "EXTERNAL:".
TAG_WORDS = ("ext", "extern", "external", "external email", "external mail", "zewn", "zewnętrzny", "mail zewnętrzny", "e-mail zewnętrzny",
             "wiadomość zewnętrzna", "spam", "suspected spam", "possible spam", "podejrzenie spamu", "bulk", "junk")  # fmt: skip

_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_SPACE = "[\\s\u200b\u200c\u200d\u2060\ufeff]*"  # no-break space is \s; the zero-width ones are not


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_COUNT = r"(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3}|\*\d{1,3})?"  # Re[2]: Re(2): Re^2: Re*2:
_PREFIX = re.compile(
    rf"{_SPACE}(?P<word>{_any((*REPLY_WORDS, *FORWARD_WORDS))})\.?{_SPACE}{_COUNT}{_SPACE}[:：]",
    re.IGNORECASE,
)
_TAG = re.compile(
    rf"{_SPACE}(?:[\[({{]{{1,2}}\s?(?:{_any(TAG_WORDS)})\s?[?!]{{0,3}}\s?[\])}}]{{1,2}}[:：]?"
    rf"|\*{{2,5}}\s?(?:{_any(TAG_WORDS)})\s?\*{{2,5}}|(?:spam|external|extern){_SPACE}[:：])",
    re.IGNORECASE,
)
_REPLY = frozenset(word.casefold() for word in REPLY_WORDS)
_FORWARD = frozenset(word.casefold() for word in FORWARD_WORDS)
_LONGEST = 2000  # a subject beyond that is an attack, not a subject


class Subject(NamedTuple):
    """A subject without its prefixes. The outermost prefix tells what the mail is; `VS:` is both, structure must decide."""

    bare: str
    is_reply: bool
    is_forward: bool


def strip_prefixes(subject: str) -> Subject:
    """Take all reply and forward prefixes and gateway tags off a subject; what is left has single spaces, and may be empty."""
    subject = subject[:_LONGEST]
    outermost: str | None = None
    position = 0
    while True:
        if prefix := _PREFIX.match(subject, position):
            outermost = outermost or prefix["word"].casefold()
            position = prefix.end()
        elif tag := _TAG.match(subject, position):
            position = tag.end()
        else:
            break
    return Subject(_one_line(subject[position:]), outermost in _REPLY, outermost in _FORWARD)


def strip_tags(subject: str) -> str:
    """Take the gateways' tags off the front, and nothing else: what the sender wrote first then stands first."""
    subject = subject[:_LONGEST]
    position = 0
    while tag := _TAG.match(subject, position):
        position = tag.end()
    return _one_line(subject[position:])


def ticket_marks(text: str, prefix: str) -> tuple[str, ...]:
    """The ticket numbers named in a text, `OXI-2026-000123`, in brackets or bare, in order, each once and in the canonical form.

    Also found: lower case, other dashes, spaces around them, zeros left out. A number inside a longer word is none.
    """
    marks = (f"{prefix}-{found['year']}-{int(found['number']):06d}" for found in _mark(prefix).finditer(text))
    return tuple(dict.fromkeys(marks))


def same_subject_key(subject: str, prefix: str) -> str:
    """The subject for comparison: no prefixes, no gateway tags, no ticket marks, no case; empty when nothing is left."""
    bare = subject
    while (shorter := strip_prefixes(_bracketed_mark(prefix).sub(" ", bare, count=1)).bare) != bare:
        bare = shorter
    return bare.casefold()


@cache
def _mark(prefix: str) -> re.Pattern[str]:
    dash = r"[ \u00a0]?[-_\u2010-\u2015\u2212][ \u00a0]?"
    return re.compile(
        rf"(?<![\w-]){re.escape(prefix)}{dash}(?P<year>20[0-9]{{2}}){dash}(?P<number>[0-9]{{1,9}})(?![\w]|-\w)", re.IGNORECASE
    )


@cache
def _bracketed_mark(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"\[?{_mark(prefix).pattern}\]?", re.IGNORECASE)


def _one_line(text: str) -> str:
    return " ".join(text.translate(_ZERO_WIDTH).split())
