"""Text as words: folding, tokens, sentences. Every function is linear in its input."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

_FOLD = str.maketrans(
    {"…": ".", "ł": "l", "ß": "ss", "ø": "o", "đ": "d", "’": "'", "`": "'", "´": "'", **dict(zip("ąćęńóśźż", "acenoszz", strict=True))}
)
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,.!?;:()\[\]\"„”“»«–—|/\n-]")
_ABBREVIATIONS = frozenset(
    [
        "ul",
        "al",
        "os",
        "pl",
        "tel",
        "kom",
        "tj",
        "np",
        "itp",
        "itd",
        "m.in",
        "ok",
        "godz",
        "nr",
        "zgł",
        "zgl",
        "dot",
        "min",
        "max",
        "ww",
        "mr",
        "mrs",
        "ms",
        "dr",
        "inż",
        "inz",
        "mgr",
        "sp",
        "z",
        "o",
        "j",
        "k",
        "s",
        "c",
        "p",
        "h",
        "u",
        "d",
        "b",
        "st",
        "ok",
        "szt",
        "str",
        "pkt",
        "ang",
        "no",
        "co",
        "ltd",
        "inc",
        "ca",
        "approx",
        "vs",
        "ext",
        "tzw",
        "wew",
        "fabr",
        "ser",
    ]
)
MAX_SENTENCES = 900  # of a text that are read, fewer than the readers keep; forty thousand letters of prose are five hundred
MAX_SENTENCE = 80  # words; a longer one is cut, which bounds the work on hostile text
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # the combining marks


@lru_cache(maxsize=32768)
def fold(text: str) -> str:
    """Lower case without diacritics: what Polish looks like when typed in haste."""
    lowered = text.lower().translate(_FOLD)
    if lowered.isascii():
        return lowered
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", lowered))


class Token(NamedTuple):
    """A word or a punctuation mark, with its place in the text it was cut from."""

    text: str
    key: str  # folded
    start: int
    end: int
    is_word: bool  # or a number


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of text between full stops, with its words and commas."""

    text: str
    start: int  # offset in the whole text
    tokens: tuple[Token, ...] = field(compare=False, repr=False)  # follows from the text
    words: tuple[Token, ...] = field(compare=False, repr=False)  # the tokens that are words or numbers
    asks: bool  # ends with a question mark

    def __hash__(self) -> int:
        return hash(self.text) ^ self.start  # the text keeps its own; the place parts a thousand equal sentences


def tokens(text: str) -> list[Token]:
    """The words and marks of a text, in order; a hyphen between spaces is a dash."""
    found = []
    end = 0
    for part in _TOKEN.findall(text):
        start = text.index(part, end)  # nothing between tokens could be one
        end = start + len(part)
        dash = part == "-" and text[start - 1 : start].isspace() and text[end : end + 1].isspace()
        word = "–" if dash else part
        found.append(Token(word, fold(word), start, end, part[0].isalnum()))
    return found


def _ends_sentence(text: str, all_tokens: list[Token], at: int) -> bool:
    token = all_tokens[at]
    if token.text in "!?;":
        return True
    following = text[token.end : token.end + 1]
    if token.text == ".":
        before = all_tokens[at - 1] if at else None
        abbreviated = before is not None and before.end == token.start and before.key in _ABBREVIATIONS
        ahead = text[token.end : token.end + 40].lstrip()
        return (
            not abbreviated
            and (following in ("", " ", "\n", '"', ")", "\t") or (following.isupper()))
            and not (before is not None and before.text.isdigit() and ahead[:1].islower())
        )
    return False


def _breaks_line(text: str, token: Token) -> bool:
    """Whether a line break ends a thought: a blank line does, a wrapped line does not."""
    line_start = text.rfind("\n", 0, token.start) + 1
    length = token.start - line_start
    ahead = text[token.end : token.end + 60].lstrip(" \t>")
    if ahead[:1] in ("", "\n", "-", "*", "•"):
        return True
    if ahead[:1].islower() and length >= 30:
        return False
    return length < 58


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Sentences of running text; a short line is one of its own, a wrapped line is not. The last texts are kept: several readers ask."""
    found: list[Sentence] = []
    held: list[Token] = []
    all_tokens = tokens(text)

    def close(asks: bool = False) -> None:
        words = tuple([token for token in held if token.is_word])
        if words:
            start, end = held[0].start, held[-1].end
            found.append(Sentence(text[start:end], start, tuple(held), words, asks))
        held.clear()

    for at, token in enumerate(all_tokens):
        if len(found) >= MAX_SENTENCES:
            return tuple(found)
        if token.text == "\n":
            if _breaks_line(text, token):
                close()
            continue
        held.append(token)
        if not token.is_word and _ends_sentence(text, all_tokens, at):
            close(token.text == "?")
        elif len(held) >= MAX_SENTENCE:
            close()
    close()
    return tuple(found)


def clauses(sentence: Sentence) -> Iterator[Sentence]:
    """What stands between the commas of a sentence that has some."""
    tokens = sentence.tokens
    cuts = [-1, *(at for at, token in enumerate(tokens) if token.text in ",;:–("), len(tokens)]
    if len(cuts) > 2:
        for left, right in pairwise(cuts):
            clause = tokens[left + 1 : right]
            words = tuple(token for token in clause if token.is_word)
            if words:
                text = sentence.text[clause[0].start - sentence.start : clause[-1].end - sentence.start]
                yield Sentence(text, clause[0].start, clause, words, False)
