"""Bare values in an answer: what our question asked for, given without a label."""

from __future__ import annotations

import re
from dataclasses import replace

from mailbot.model.facts import Fact, Facts, Item, Where
from mailbot.rules.reading import device as machines
from mailbot.rules.reading import morphology
from mailbot.rules.reading import person as people
from mailbot.rules.reading.context import ReadingContext
from mailbot.rules.reading.cues import hits, in_class, squeeze
from mailbot.rules.reading.form import filled_lines
from mailbot.rules.reading.impact import read_level
from mailbot.rules.reading.layout import CONTACT_MARK, capitalised_words, has_legal_form, is_department, opens_valediction, words_of
from mailbot.rules.reading.words import fold, sentences

_NUMBERING = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•–]|ad\.?\s?\d[.:)]?|[a-e]\))\s+")
_LEAD = re.compile(
    r"(?i)^(?:to jest|to|jest to|chodzi o|mowa o|firma(?: to)?|nazwa(?: to)?|nazywamy się|it is|it's|this is|"
    r"the company is|we are|oczywiście|przepraszam,?|nasza firma to|impact is)\s+"
)


def bare_values(facts: Facts, text: str, signature: str, context: ReadingContext) -> Facts:
    """The facts, completed by short lines that can only be the value of an item that was asked for."""
    for line in _lines(text):
        facts = _take(facts, line, context)
    if Item.NAME in context.asked and not (facts.first_name and facts.last_name):
        facts = _named_somewhere(facts, text, context)
    if not facts.company and Item.COMPANY in context.asked and not text.strip():
        for line in _lines(signature):
            facts = _company(facts, line, context)
    return facts


def _lines(text: str) -> list[str]:
    lines = [_NUMBERING.sub("", line).strip() for line in text.split("\n")]
    return [part.strip() for line in lines if line and not filled_lines(line) for part in _parts(line)]


def _parts(line: str) -> list[str]:
    """A line, or its pieces when it is a list of short values: "ABC sp. z o.o., OXIJET 3200, wysoki"."""
    pieces = re.split(r"[,;:]\s+|\s[-–/|]\s|(?<=\w{3})\.\s+", line)
    return [line, *pieces] if 2 <= len(pieces) <= 5 and all(len(piece) <= 60 for piece in pieces) else [line]


def _take(facts: Facts, line: str, context: ReadingContext) -> Facts:
    if len(line) > 160 or opens_valediction(line):
        return facts
    value = _trimmed(_LEAD.sub("", line))
    if Item.IMPACT in context.asked and facts.impact is None and len(value.split()) <= 5 and (level := read_level(value)):
        return replace(facts, impact=Fact(level.value, Where.TEXT, line))
    if Item.DEVICE in context.asked and facts.device is None and (found := _device(line, context)):
        return replace(facts, device=Fact(found, Where.TEXT, line))
    if Item.NAME in context.asked and not (facts.first_name and facts.last_name):
        facts = _name(facts, value, context)
    if Item.DESCRIPTION in context.asked and facts.description is None:
        facts = _description(facts, line)
    return _company(facts, value, context)


def _trimmed(value: str) -> str:
    """Without the full stop that ends a sentence; the one of a legal form stays."""
    value = value.strip(" :")
    return value if re.search(r"(?i)(?:\b[a-z]|\bsp|\bltd|\binc|\bco)\.$", value) else value.rstrip(" .!")


def _device(line: str, context: ReadingContext) -> str | None:
    """A number alone ("to jest 3200") where one entry has it, or completes what is known of the series."""
    devices = context.service.devices
    words = words_of(line)
    if len(words) <= 4 and not re.search(r"\d", line):
        for word in words:
            found = machines.find_mentions(f"oxi {word}", devices)
            if found and found[0].name and found[0].family:
                return found[0].name
    for number in re.findall(r"(?<![\w.,-])\d{4}(?![\d.,]\d|\d)", line):
        if len(line.split()) <= 8 and any(model.number == number for model in machines.models(devices)):
            mentions = machines.find_mentions(f"model {number}", devices)
            if mentions and mentions[0].name:
                return mentions[0].name
    return None


def _name(facts: Facts, value: str, context: ReadingContext) -> Facts:
    part = re.split(r",|\btel\b|\bkom\b|\d|\+|\s-\s|\(", value)[0].strip()
    if len(words_of(part)) not in (1, 2, 3) or is_department(part) or has_legal_form(part):
        return facts
    name = people.as_name(part, Where.TEXT, trust=len(words_of(part)) == 2 and part.istitle())
    if name is None or not (name.full or (name.last and facts.first_name)):
        if (
            name
            and name.first
            and not name.last
            and facts.first_name is None
            and context.known
            and context.known.first_name
            and not context.known.last_name
        ):
            return replace(facts, last_name=Fact(name.first, Where.TEXT, value))
        return facts
    return replace(
        facts,
        first_name=Fact(name.first, Where.TEXT, value) if name.first else facts.first_name,
        last_name=Fact(name.last, Where.TEXT, value) if name.last else facts.last_name,
    )


_SURNAME = re.compile(r"\b[Nn]azwisko\W{1,3}(?:to\s+|moje\s+(?:to\s+)?)?([A-ZŁŚŻŹĆÓ][^\W\d_]+(?:-[A-ZŁŚŻŹĆÓ][^\W\d_]+)?)")
_PAIR = re.compile(r"\b([A-ZŁŚŻŹĆÓ][^\W\d_]+)\s+([A-ZŁŚŻŹĆÓ][^\W\d_]+(?:['’-][A-ZŁŚŻŹĆÓ]?[^\W\d_]+)*)")
_SPOKEN_OF = re.compile(r"\b(?:pan\w*|technik\w*|serwisant\w*|koleg\w*|kolezank\w*|szef\w*|prezes\w*|operator\w*|mr|mrs|colleague)\W+$")


def _named_somewhere(facts: Facts, text: str, context: ReadingContext) -> Facts:
    """A name in running text, where it was asked for: "to ja, Marian Grab"; or the surname alone beside a known first name."""
    known_first = facts.first_name or (context.known.first_name if context.known else None)
    for match in _PAIR.finditer(text[:5000]):
        first, last = match.groups()
        fits = morphology.is_first_name(first) or (known_first is not None and fold(first) == fold(known_first.value))
        if (
            fits
            and not _SPOKEN_OF.search(fold(text[max(0, match.start() - 30) : match.start()]))
            and not in_class(fold(last), "companyword")
        ):
            return replace(facts, first_name=Fact(first, Where.TEXT, match.group()), last_name=Fact(last, Where.TEXT, match.group()))
    surname = _SURNAME.search(text[:5000])
    if surname and known_first:
        return replace(facts, first_name=facts.first_name or known_first, last_name=Fact(surname.group(1), Where.TEXT, surname.group()))
    return facts


def _description(facts: Facts, line: str) -> Facts:
    words = words_of(line)
    content = [word for word in words if len(word) > 2 and not in_class(fold(word), "greeting") and not in_class(fold(word), "asking")]
    about_work = any(
        hit.meaning in ("thanks", "promise", "annoyed", "wants_call", "does_not_know")
        for sentence in sentences(line)
        for hit in hits(sentence, ("remark",))
    )
    if (
        len(content) >= 3
        and not about_work
        and any(hit.meaning == "symptom" for sentence in sentences(line) for hit in hits(sentence, ("symptom",)))
    ):
        return replace(facts, description=Fact(squeeze(line), Where.TEXT, line))
    return facts


def _company(facts: Facts, value: str, context: ReadingContext) -> Facts:
    """A short line of capitalised words that is no greeting, person, device or level, when the company was asked for."""
    if Item.COMPANY not in context.asked or facts.company is not None:
        return facts
    words = words_of(value)
    if (
        not words
        or len(words) > 8
        or not (value[0].isupper() or value[0] in '„"' or len(words) <= 3)
        or CONTACT_MARK.search(value)
        or re.search(r"[?!:]", value)
    ):
        return facts
    folded = [fold(word) for word in words]
    if (
        in_class(folded[0], "greeting")
        or any(in_class(word, "asking") for word in folded)
        or is_department(value)
        or read_level(value)
        or re.match(
            r"\W*(?:odpowiadam|dziękuj|w załącz|przesyłam|poniżej|jak wyżej|proszę|tak|nie|ok|dane|thanks|yes|no|see|"
            r"wysyłam|uzupełniam|oto)",
            value.lower(),
        )
    ):
        return facts
    if machines.find_mentions(value, context.service.devices) or machines.find_other_makers(value):
        return facts
    known = {
        fact.value.casefold()
        for fact in (facts.first_name, facts.last_name, *((context.known.first_name, context.known.last_name) if context.known else ()))
        if fact
    }
    if all(word.casefold() in known for word in words):
        return facts
    name = people.as_name(value, Where.TEXT)
    if name and name.full and morphology.is_first_name(words[0]):
        return facts
    if any(morphology.is_verb(word) and (word[0].islower() or (word == words[0] and not morphology.is_surname(word))) for word in words):
        return facts
    if (
        len(words) > 2
        and not capitalised_words(value)
        and not has_legal_form(value)
        and not any(in_class(word, "companyword") for word in folded)
    ):
        return facts
    if not has_legal_form(value):
        value = re.sub(r"\s+(?:z|w|ze|we|from|in)\s+[A-ZŁŚŻŹĆ][^\W\d_]+$", "", value)
    return replace(facts, company=Fact(value, Where.TEXT, value))
