"""What a colleague's mail tells the desk to do. A line is a command only if it is shaped like one; nothing is guessed.

Commands stand in the first lines of the new text (quotes and signature already left out by the reading), one a line, with or
without `#`. Prose that begins with such a word ("Start maszyny nie pomógł") is prose: the mail is then a note. The command line
makes the same values from its own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import phonenumbers
from rapidfuzz.distance import DamerauLevenshtein

from mailbot.model.command import Command, Unclear, Verb, Why
from mailbot.rules.command_words import (
    AS_WRITTEN,
    BY_WORD,
    EXPLANATIONS,
    FIELDS,
    FILLERS,
    GREETINGS,
    LEVEL_FILLERS,
    LEVELS,
    ME,
    MEANT,
    NAME_FILLERS,
    NOT_DONE,
    NOT_FOR_CUSTOMERS,
    SYNTAX,
    TAKES,
    Takes,
)
from mailbot.rules.folding import fold
from mailbot.rules.senders import is_deliverable

FIRST_LINES = 12  # lines with text among which commands are looked for
LONGEST_TEXT = 20_000
_LINE = 2000
_SHAPE = re.compile(r"(?P<hash>#\s?)?(?P<word>[^\s#:=,;.!?]{1,40}|\?)[.!,]?(?P<colon>\s?[:=])?(?:\s+|$|(?<=[:=]))(?P<rest>.*)", re.DOTALL)
_TICKET = re.compile(r"\[?#?[A-Za-z]{1,12}-20\d\d-\d{1,9}\]?")

Found = Command | Unclear | None  # None: prose


class _Line(NamedTuple):
    """A line that begins with a command's word."""

    text: str
    verb: Verb
    rest: str  # what stands behind the word
    sure: bool  # marked with `#`: nothing but a command
    colon: bool


def read_commands(text: str, number: str = "") -> tuple[Command | Unclear, ...]:
    """The commands in the first lines of a staff mail's new text, in order; empty: there is none, the mail is a note.

    `number` is the ticket that the mail is about; a command that names another, or any where it is not given, is unclear.
    A reply takes all lines below it, up to a line that begins with `#` and a command; a note, up to any command.
    """
    found: list[Command | Unclear] = []
    lines = text[:LONGEST_TEXT].split("\n")
    at, seen, prose = 0, 0, False
    while at < len(lines) and seen < FIRST_LINES:
        line = lines[at].strip()
        at += 1
        if not line or (not found and _is_greeting(line)):
            continue
        if line.startswith(">"):
            break
        seen += 1
        item = _read_line(line[:_LINE], number) if not prose or line.startswith("#") else None
        if isinstance(item, Command) and TAKES[item.verb] is Takes.TEXT:
            below = _lines_of_text(item.verb, lines[at:])
            at += len(below)
            text = "\n".join([item.argument, *below]).strip()
            item = replace(item, argument=text) if text else Unclear(line, Why.NEEDS_TEXT)
        if item is None:
            prose = True
        else:
            found.append(item)
    return tuple(found)


def command(verb: Verb, words: Sequence[str]) -> Command | Unclear:
    """The command that the command line names: its verb and the words behind it (set and open: `FIELD=VALUE`, a word each)."""
    rest = " ".join(words).strip()
    if TAKES[verb] is Takes.FIELDS:
        pairs = [word.partition("=") for word in words]
        if any(not sign for _, sign, _ in pairs) or (not pairs and verb is Verb.SET):
            return Unclear(rest, Why.NEEDS_FIELD)
        return _with_fields(verb, rest, [(name, value) for name, _, value in pairs])
    if TAKES[verb] is Takes.TEXT and not rest:
        return Unclear(verb.value, Why.NEEDS_TEXT)
    return _READERS[TAKES[verb]](_Line(f"{verb} {rest}".strip(), verb, rest, sure=True, colon=True)) or Unclear(rest, Why.UNKNOWN_WORD)


def explain(unclear: Unclear, language: str = "pl") -> str:
    """Why a line was not carried out, in a sentence for whoever wrote it, with what was probably meant."""
    at = 1 if language == "en" else 0
    said = NOT_DONE[at].format(unclear.line[:100], EXPLANATIONS[unclear.why][at])
    return f"{said} {MEANT[at].format(unclear.suggestion)}" if unclear.suggestion else said


def help_lines() -> tuple[str, ...]:
    """All commands as colleagues see them, one a line, with what each does."""
    return tuple(f"{syntax.shape}: {syntax.says}" for syntax in SYNTAX)


def _read_line(line: str, number: str) -> Found:
    shape = _SHAPE.fullmatch(line)
    if shape is None:
        return None
    syntax = BY_WORD.get(fold(shape["word"]))
    sure = shape["hash"] is not None
    if syntax is None:
        return _misspelt(line, shape["word"], sure)
    parsed = _Line(line, syntax.verb, shape["rest"].strip(), sure, shape["colon"] is not None)
    if syntax.verb is Verb.REPLY and not sure:
        return _reply(parsed, shape["word"])
    if (named := _TICKET.search(parsed.rest)) and syntax.takes in (Takes.NOTHING, Takes.REASON):
        if named[0].strip("[]#").upper() != number:
            return Unclear(line, Why.OTHER_TICKET)
        parsed = parsed._replace(rest=_TICKET.sub("", parsed.rest).strip())
    return _READERS[syntax.takes](parsed)


def _misspelt(line: str, word: str, sure: bool) -> Unclear | None:
    """A word near a command's: unclear if the line would be a command with the right word; text is never sent on a guess."""
    key = fold(word)
    if sure and not key[:1].isalpha():
        return None
    near = min(BY_WORD, key=lambda known: DamerauLevenshtein.distance(known, key, score_cutoff=3))
    distance = DamerauLevenshtein.distance(near, key)
    if distance > 2 or distance * 4 > max(len(near), len(key)):
        return Unclear(line, Why.UNKNOWN_WORD) if sure else None
    corrected = line.replace(word, AS_WRITTEN[near], 1)
    is_text = BY_WORD[near].takes is Takes.TEXT
    if sure or (isinstance(_read_line(corrected, ""), Command) and (not is_text or f"{word}:" in line)):
        return Unclear(line, Why.UNKNOWN_WORD, corrected)
    return None


def _nothing(line: _Line) -> Found:
    left = _without(line.rest, FILLERS)
    if not left:
        return Command(line.verb)
    return Unclear(line.text, Why.TAKES_NOTHING, line.text.split()[0].rstrip(":")) if line.sure or len(left) == 1 else None


def _reason(line: _Line) -> Found:
    left = _without(line.rest, FILLERS)
    if not left:
        return Command(line.verb)
    if line.sure or line.colon:
        return Command(line.verb, line.rest)
    return Unclear(line.text, Why.TAKES_NOTHING, f"{line.text.split()[0]}: {line.rest}") if len(left) == 1 else None


def _name(line: _Line) -> Found:
    words = line.rest.rstrip(" .!").split()
    while words and fold(words[0]) in NAME_FILLERS:
        words.pop(0)
    if not words:
        return Unclear(line.text, Why.NEEDS_NAME)
    if len(words) == 1 and fold(words[0]) in ME:
        return Command(line.verb, "me")
    named = len(words) <= 3 and all(re.fullmatch(r"[^\W\d_][\w.'’-]*|[\w.+-]+@[\w.-]+", word) for word in words)
    if named:
        return Command(line.verb, " ".join(words))
    return Unclear(line.text, Why.NEEDS_NAME) if line.sure else None


def _level(line: _Line) -> Found:
    left = _without(line.rest, LEVEL_FILLERS)
    if len(left) == 1 and left[0] in LEVELS:
        return Command(line.verb, LEVELS[left[0]])
    if len(left) > 2 and not line.sure:
        return None
    return Unclear(line.text, Why.NEEDS_LEVEL, _nearest(left[0], LEVELS) if len(left) == 1 else "")


def _fields(line: _Line) -> Found:
    rest = line.rest
    if "=" not in rest:
        name, colon, value = rest.partition(":")
        if colon and fold(name).strip() in FIELDS:
            return _with_fields(line.verb, line.text, [(name, value)])
        words = rest.split()
        known = next((size for size in (4, 3, 2, 1) if fold(" ".join(words[:size])) in FIELDS), 0)
        if known and len(words) > known:
            return Unclear(line.text, Why.NEEDS_FIELD, f"{line.text.split()[0]} {' '.join(words[:known])}={' '.join(words[known:])}")
        return Unclear(line.text, Why.NEEDS_FIELD) if line.sure or not words else None
    return _with_fields(line.verb, line.text, _pairs(rest))


def _pairs(rest: str) -> list[tuple[str, str]]:
    """`firma=ABC, urządzenie = OXIJET 3200`: before each `=` stands a field's name; an `=` behind other words belongs to the value."""
    first, *others = rest.split("=")
    pairs = [(first, "")]
    for part in others:
        words = part.split()
        size = next((size for size in (4, 3, 2, 1) if len(words) > size and fold(" ".join(words[-size:])) in FIELDS), 0)
        last = part is others[-1]
        value, name = (part, "") if last or not size else (" ".join(words[:-size]), " ".join(words[-size:]))
        pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}={value}" if pairs[-1][1] else value)
        if name:
            pairs.append((name, ""))
    return pairs


def _with_fields(verb: Verb, line: str, pairs: Iterable[tuple[str, str]]) -> Command | Unclear:
    fields: list[tuple[str, str]] = []
    for given, raw in pairs:
        name, value = FIELDS.get(fold(given).strip(" ,;")), " ".join(raw.split()).strip(" ,;")
        if name is None:
            return Unclear(line, Why.NEEDS_FIELD, _nearest(fold(given).strip(" ,;"), FIELDS))
        if name == "name":
            first, _, last = value.partition(" ")
            if not last:
                return Unclear(line, Why.NEEDS_FULL_NAME)
            fields += [("first_name", first), ("last_name", last)]
            continue
        usable = _value(name, value)
        if not usable:
            return Unclear(line, Why.NEEDS_LEVEL if name == "impact" else Why.NEEDS_VALUE)
        fields.append((name, usable))
    return Command(verb, fields=tuple(fields))


def _value(name: str, value: str) -> str:
    """A value as facts hold it; empty when it cannot be used."""
    if name == "impact":
        return LEVELS.get(fold(value), "")
    if name == "email":
        return value if is_deliverable(value) else ""
    if name == "phone":
        try:
            number = phonenumbers.parse(value, "PL")
        except phonenumbers.NumberParseException:
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else ""
    return value


def _number(line: _Line) -> Found:
    return Command(line.verb, line.rest) if line.rest else Unclear(line.text, Why.NEEDS_VALUE)


def _text(line: _Line) -> Found:
    return Command(line.verb, line.rest)


def _reply(line: _Line, word: str) -> Found:
    """What goes to a customer must be meant for one: not the noun ("Odpowiedź klienta"), not an order to a colleague ("odpowiedz mu")."""
    if word.lower() != fold(word):
        return Unclear(line.text, Why.TO_CUSTOMER, "odpowiedz: …") if line.colon or not line.rest else None
    first = line.rest.split(maxsplit=1)[0] if line.rest else ""
    if not line.colon and first[:1].islower() and fold(first.rstrip(",.:")) in NOT_FOR_CUSTOMERS:
        return Unclear(line.text, Why.TO_CUSTOMER, f"{word}: …")
    return Command(line.verb, line.rest)


def _lines_of_text(verb: Verb, below: list[str]) -> list[str]:
    """The lines that belong to a note or a reply: to the end, a quote, or the next command (in a reply only one with `#`)."""
    kept: list[str] = []
    for line in below:
        text = line.strip()[:_LINE]
        may_end = text.startswith("#") or verb is not Verb.REPLY
        if text.startswith(">") or (may_end and text and isinstance(_read_line(text, ""), Command)):
            break
        kept.append(line.rstrip())
    return kept


def _is_greeting(line: str) -> bool:
    words = fold(line[:100]).strip(" ,.!").split()
    return len(words) <= 3 and (" ".join(words[:2]) in GREETINGS or bool(words and words[0] in GREETINGS))


def _without(rest: str, fillers: frozenset[str]) -> list[str]:
    words = (fold(word).strip(".,;:!=") for word in rest.split())
    return [word for word in words if word and word not in fillers]


def _nearest(word: str, known: Iterable[str]) -> str:
    near = min(known, key=lambda other: DamerauLevenshtein.distance(other, word))
    return AS_WRITTEN[near] if DamerauLevenshtein.distance(near, word) * 3 <= len(near) else ""


_READERS: dict[Takes, Callable[[_Line], Found]] = {
    Takes.NOTHING: _nothing,
    Takes.REASON: _reason,
    Takes.NAME: _name,
    Takes.LEVEL: _level,
    Takes.FIELDS: _fields,
    Takes.NUMBER: _number,
    Takes.TEXT: _text,
}
