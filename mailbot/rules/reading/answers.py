"""Bare values in an answer: what our question asked for, given without a label."""

from __future__ import annotations

import re
from dataclasses import replace

from mailbot.model.facts import Fact, Facts, Item, Where
from mailbot.model.service import Device
from mailbot.rules.reading import device as machines
from mailbot.rules.reading import morphology
from mailbot.rules.reading import person as people
from mailbot.rules.reading.answer_company import (
    company_alone,
    company_beside,
    company_said,
    in_company_class,
    is_function_word,
    names_firm,
    speaks_of_firm,
    without_lead,
)
from mailbot.rules.reading.answer_level import bare_level
from mailbot.rules.reading.context import ReadingContext
from mailbot.rules.reading.cues import atoms_of, hits, in_class, squeeze
from mailbot.rules.reading.form import filled_lines
from mailbot.rules.reading.inflect import nominative_first, to_nominative
from mailbot.rules.reading.layout import has_legal_form, is_department, opens_valediction, words_of
from mailbot.rules.reading.words import fold, sentences

_NUMBERING = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•–]|ad\.?\s?\d[.:)]?|[a-e]\))\s+")
_LEAD = re.compile(
    r"(?i)^(?:to jest|to|jest to|chodzi o|mowa o|firma(?: to)?|nazwa(?: to)?|nazywamy się|it is|it's|this is|"
    r"the company is|we are|oczywiście|przepraszam,?|nasza firma to|impact is)\s+"
)


def bare_values(facts: Facts, text: str, signature: str, context: ReadingContext) -> Facts:
    """The facts, completed by short lines that can only be the value of an item that was asked for."""
    if Item.NAME in context.asked:
        facts = _whole_contact(_in_nominative(_without_false_name(facts)), text, context)
    for line in _lines(text):
        facts = _take(facts, line, context)
    if Item.DEVICE in context.asked and facts.device is None:
        facts = replace(facts, device=_number_said(text, context))
    if Item.NAME in context.asked and not (facts.first_name and facts.last_name):
        facts = _named_somewhere(facts, text, context)
    if Item.COMPANY in context.asked:
        facts = _company(facts, text, signature, context)
    return _without_echo(facts)


def _whole_contact(facts: Facts, text: str, context: ReadingContext) -> Facts:
    """The facts with the whole name of somebody half of whose name we know, whoever signs: "Bartek to Bartłomiej Szpunar"."""
    known = context.known
    if known is None or known.first_name is None or known.last_name:
        return facts
    for match in _PAIR.finditer(text[:5000]):
        first, last = match.groups()
        following = words_of(text[match.end() : match.end() + 20])[:1]
        speaks = any(word[0].islower() and morphology.is_finite_verb(word) for word in following)  # "Adam Mickiewicz polecił nam Was"
        same = people.same_first_name(first, known.first_name.value) and fold(first) != fold(last)
        if same and not speaks and not in_company_class(last):
            return replace(facts, first_name=Fact(first, Where.TEXT, match.group()), last_name=Fact(last, Where.TEXT, match.group()))
    return facts


def _number_said(text: str, context: ReadingContext) -> Fact | None:
    """A model's number in a short sentence among others: "Chodzi o ten szeroki, 3200."."""
    for sentence in sentences(text):
        if len(sentence.words) <= _SHORT and _NUMBER.search(sentence.text) and (found := bare_device(sentence.text, context)):
            return Fact(found, Where.TEXT, squeeze(sentence.text))
    return None


def _without_echo(facts: Facts) -> Facts:
    """The facts without a description that only says the firm's name."""
    if facts.description and facts.company and len(words_of(facts.description.value)) <= len(words_of(facts.company.value)):
        same = fold(facts.description.value).strip(" .") in fold(facts.company.text + " " + facts.company.value)
        return replace(facts, description=None) if same else facts
    return facts


def _company(facts: Facts, text: str, signature: str, context: ReadingContext) -> Facts:
    """The company: a filled line first, then what the text says it is, then what the signature shows, then a line that is a name alone."""
    devices = context.service.devices
    if facts.company and facts.company.where is Where.FORM:
        return facts
    if facts.company and facts.company.where is Where.SIGNATURE and not names_firm(facts.company.value):
        facts = replace(facts, company=None)
    said = company_said(text, devices)
    if said and _is_contact(said, facts, context) and not speaks_of_firm(said, text):
        said = None  # "It's Jan Kot."
    if said and _is_signed(said, facts, text):
        said = None
    if said and (facts.company is None or facts.company.where is Where.SENDER or fold(facts.company.value) in fold(said)):
        return replace(facts, company=Fact(said, Where.TEXT, said))
    beside = company_beside(text, devices)
    if facts.company:
        fuller = beside if beside and fold(facts.company.value) in fold(beside) else without_lead(facts.company.value)
        return replace(facts, company=replace(facts.company, value=fuller))
    for part, where in ((text, Where.TEXT), (signature, Where.SIGNATURE)):
        lines = [line.strip() for line in part.split("\n") if line.strip() and not filled_lines(line)]
        for line in lines:
            if opens_valediction(line):
                continue
            for value in values_of(line):
                name = company_alone(value, devices, whole=len(lines) == 1 and where is Where.TEXT)
                if name and not (_is_contact(name, facts, context) or _is_signed(name, facts, text)):
                    return replace(facts, company=Fact(name, where, line))
    return (
        replace(facts, company=Fact(beside, Where.TEXT, beside))
        if beside and not (_is_contact(beside, facts, context) or _is_signed(beside, facts, text))
        else facts
    )


def _is_signed(name: str, facts: Facts, text: str) -> bool:
    """Whether a name is that of somebody else who answers, "It's Ann Cole, sorry.", where nothing says that the firm is called so."""
    first, last = facts.first_name, facts.last_name
    if not (first and last and people.is_given_name(first.value)) or speaks_of_firm(name, text):
        return False
    return {fold(word) for word in words_of(name)} - _SELF == {fold(word) for word in words_of(f"{first.value} {last.value}")}


def _is_contact(name: str, facts: Facts, context: ReadingContext) -> bool:
    """Whether a name is but that of the person who writes."""
    known = (context.known.first_name, context.known.last_name) if context.known and context.known.last_name else None
    names = {fold(part) for fact in known or (facts.first_name, facts.last_name) if fact for part in re.split(r"[\s-]", fact.value)}
    return all(fold(word) in names or len(word) == 1 or fold(word) in _SELF for word in words_of(name))


_SELF = frozenset(["it's", "it", "is", "this", "i'm", "here", "tu", "tutaj", "to", "jestem"])  # "It's Ann Cole"


def _lines(text: str) -> list[str]:
    lines = [_NUMBERING.sub("", line).strip() for line in text.split("\n")]
    return [part.strip() for line in lines if line and not filled_lines(line) for part in _parts(line)]


def _parts(line: str) -> list[str]:
    """A line, or its pieces when it is a list of short values: "ABC sp. z o.o., OXIJET 3200, wysoki"."""
    pieces = re.split(r"[,;:]\s+|\s[-–/|]\s|(?<=\w{3})\.\s+", line)
    return [line, *pieces] if 2 <= len(pieces) <= 5 and all(len(piece) <= 60 for piece in pieces) else [line]


def values_of(line: str) -> list[str]:
    """A line that may be a value, or the values of a line that is a list; of prose only what stands by itself: "Grafmax. Stoimy."."""
    line = _NUMBERING.sub("", line).strip()
    found: list[str] = []
    for sentence in re.split(r"(?<=[^\W_]{3})[.!?]\s+", line):
        told = sentence.rpartition(": ")[2]
        pieces = [piece.strip() for piece in re.split(r"[,;]\s+|\s[-–/|]\s", told)]
        prose = any(morphology.is_finite_verb(word) and word[0].islower() for word in words_of(told))
        found += [told, *(pieces[:1] if prose else pieces)]
    return list(dict.fromkeys(value for value in found if value))


def _take(facts: Facts, line: str, context: ReadingContext) -> Facts:
    if len(line) > 160 or opens_valediction(line):
        return facts
    value = _trimmed(_LEAD.sub("", line))
    if Item.IMPACT in context.asked and facts.impact is None and (level := bare_level(value)):
        return replace(facts, impact=Fact(level.value, Where.TEXT, line))
    if Item.DEVICE in context.asked and facts.device is None and (found := bare_device(line, context)):
        return replace(facts, device=Fact(found, Where.TEXT, line))
    if Item.NAME in context.asked and not (facts.first_name and facts.last_name):
        facts = _name(facts, value, context)
    if Item.DESCRIPTION in context.asked and facts.description is None:
        facts = _description(facts, line)
    return facts


def _trimmed(value: str) -> str:
    """Without the full stop that ends a sentence; the one of a legal form stays."""
    value = value.strip(" :")
    return value if re.search(r"(?i)(?:\b[a-z]|\bsp|\bltd|\binc|\bco)\.$", value) else value.rstrip(" .!")


_SHORT = 8  # words of a sentence in which a number may stand for a machine
_NUMBER = re.compile(r"(?<![\w.,-])\d{4}(?![\d.,]\d|\d)")
_LEFT_BEHIND = re.compile(r"\b(?:nie|not|zamiast|instead of|rather than|a nie)(?: to| jest| the| a| ta| ten| model)*\W+$")


_UNSURE = re.compile(r"\b(?:albo|lub|czy|or) \d{4}\b")
_POINTED = re.compile(
    r"\b(?:chodzi(?:lo)? o|problem\w*(?: jest| mam\w?)* z|dotyczy|zepsu\w+(?: sie)?|uszkodzon\w+(?: jest)?|"
    r"psuje sie|about|with)\s+(?:t\w+ )?(\d{4})\b"
)


def bare_device(line: str, context: ReadingContext) -> str | None:
    """A number alone ("to jest 3200") where one entry has it, or completes what is known of the series."""
    devices = context.service.devices
    families = {model.family for model in machines.models(devices)}
    words = words_of(line)
    if len(words) <= 6 and not re.search(r"\d", line):
        for word in words:
            key = fold(word)
            if is_function_word(key) or (key not in families and morphology.is_known(key) and not key.startswith("hybryd")):
                continue
            found = machines.find_mentions(f"oxi {word}", devices) or machines.find_mentions(f"nasza {word}", devices)
            if found and found[0].name and found[0].family:
                return found[0].name
    if _UNSURE.search(fold(line)):
        return None
    if pointed := _POINTED.search(fold(line)):
        line = pointed.group(1)
    for match in _NUMBER.finditer(line):
        number = match.group()
        unit = re.match(r"\s?(\w+)", line[match.end() :])
        if _LEFT_BEHIND.search(fold(line[: match.start()])) or (unit and in_class(fold(unit.group(1)), "unit")):
            continue
        if len(line.split()) <= _SHORT and any(model.number == number for model in machines.models(devices)):
            mentions = machines.find_mentions(f"model {number}", devices)
            if mentions and mentions[0].name:
                return mentions[0].name
    return None


def _name(facts: Facts, value: str, context: ReadingContext) -> Facts:
    value = without_lead(value.rpartition(": ")[2])
    value = re.sub(r"(?i)^(?:imię(?: i nazwisko)?|nazwisko|surname|name)\s+(?:to\s+)?(?=[A-ZŁŚŻŹĆÓ])", "", value)
    part = re.split(r",|\btel\b|\bkom\b|\d|\+|\s-\s|\(", value)[0].strip()
    cases = {word[0].isupper() for word in words_of(part) if fold(word) not in {"von", "van", "de", "der"}}
    if (
        len(words_of(part)) not in (1, 2, 3)
        or len(cases) != 1
        or re.search(r"[^\W\d_]{3}\.\s", part)
        or in_class(fold(words_of(part)[0]), "fillertitle")
        or is_department(part)
        or has_legal_form(part)
    ):
        return facts
    other_half = len(words_of(part)) == 1 and part.istitle() and bool(context.known and context.known.first_name) and part == value
    if any(_names_nobody(word) and not morphology.is_first_name(word) for word in words_of(part)):
        return facts
    trust = (len(words_of(part)) == 2 and part.istitle()) or (other_half and not atoms_of(fold(part)))
    name = people.as_name(part, Where.TEXT, trust=trust)
    half_known = bool(context.known and context.known.first_name and not context.known.last_name)
    if name is None or not (name.full or (name.last and (facts.first_name or half_known))):
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


def _without_false_name(facts: Facts) -> Facts:
    """The facts without a name that is made of ordinary words: "Dobry Wieczór", "Drukarnia Wilk"."""
    first = facts.first_name
    if first is None or first.where in (Where.FORM, Where.SENDER):
        return facts
    false = (_names_nobody(first.value) and not morphology.is_first_name(first.value)) or (
        facts.last_name is not None and is_function_word(fold(facts.last_name.value))
    )
    return replace(facts, first_name=None, last_name=None) if false else facts


def _in_nominative(facts: Facts) -> Facts:
    """The facts with a name that stands in another case, as behind a verb or preposition, in the nominative: "Annę Wilk"."""
    first, last = facts.first_name, facts.last_name
    if first is None or last is None or morphology.is_first_name(first.value) or nominative_first(first.value) in (None, first.value):
        return facts
    names = to_nominative(first.value, last.value, True)
    return replace(facts, first_name=replace(first, value=names[0]), last_name=replace(last, value=names[1] or last.value))


def _names_nobody(word: str) -> bool:
    key = fold(word)
    kinds = ("greeting", "asking", "machine", "own", "department", "title", "small_talk")
    return is_function_word(key) or in_company_class(word) or morphology.is_common_word(word) or any(in_class(key, kind) for kind in kinds)


_FIRST = re.compile(r"\b[Ii]mi[eę]\W{1,3}(?:(?:to|moje|mam|jest)\s+){0,2}([A-ZŁŚŻŹĆÓ][^\W\d_]+)")
_SURNAME = re.compile(
    r"\b(?:[Nn]azwisko|[Ss]urname|[Ll]ast name)\W{1,3}(?:(?:to|moje|mam|brzmi|jest|mamy|is)\s+){0,2}"
    r"([A-ZŁŚŻŹĆÓ][^\W\d_]+(?:-[A-ZŁŚŻŹĆÓ][^\W\d_]+)?)"
)
_PAIR = re.compile(r"\b([A-ZŁŚŻŹĆÓ][^\W\d_]+)\s+([A-ZŁŚŻŹĆÓ][^\W\d_]+(?:['’-][A-ZŁŚŻŹĆÓ]?[^\W\d_]+)*)")
_SPOKEN_OF = re.compile(r"\b(?:pan\w*|technik\w*|serwisant\w*|koleg\w*|kolezank\w*|szef\w*|prezes\w*|operator\w*|mr|mrs|colleague)\W+$")


def _named_somewhere(facts: Facts, text: str, context: ReadingContext) -> Facts:
    """A name in running text, where it was asked for: "to ja, Marian Grab"; or the surname alone beside a known first name."""
    given = _FIRST.search(text[:5000])
    known_first = facts.first_name or (context.known.first_name if context.known else None)
    if given and morphology.is_first_name(given.group(1)):
        known_first = Fact(given.group(1), Where.TEXT, given.group())
    for match in _PAIR.finditer(text[:5000]):
        first, last = match.groups()
        fits = morphology.is_first_name(first) or (known_first is not None and fold(first) == fold(known_first.value))
        if (
            fits
            and not _SPOKEN_OF.search(fold(text[max(0, match.start() - 30) : match.start()]))
            and not in_class(fold(last), "companyword")
            and not in_class(fold(first), "fillertitle")
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


_WHICH = re.compile(
    r"\b(?:ta|te|ten|tej|tego|tym|o|o te|z ta|the)\s+(?:(?P<one>pierwsz\w+|first)|(?P<two>drug\w+|ostatni\w*|second|latter|other)|"
    r"(?P<big>wieks\w+|duz\w+|szersz\w+|bigger|larger|wider?)|(?P<small>mniejsz\w+|mal[aey]\w*|wezsz\w+|smaller))"
    r"\b(?: one)?\W*(?:$|[.,;!]|jest|sie|nie)"
)


def pointed_device(text: str, devices: tuple[Device, ...]) -> Fact | None:
    """One of two machines that a text names, when it says which: "zepsuta jest ta druga", "chodzi o tę większą"."""
    names = list(dict.fromkeys(mention.name for mention in machines.find_mentions(text, devices) if mention.name))
    if len(names) != 2:
        return None
    for sentence in sentences(text):
        which = _WHICH.search(fold(sentence.text))
        if which and not any(mention.name for mention in machines.find_mentions(sentence.text[which.start() :], devices)):
            by_size = sorted(names, key=lambda name: int("".join(filter(str.isdigit, name)) or 0))
            chosen = {"one": names[0], "two": names[1], "small": by_size[0], "big": by_size[1]}[which.lastgroup or "one"]
            return Fact(chosen, Where.TEXT, squeeze(sentence.text))
    return None


_MISTAKE = re.compile(
    r"\b(?:zl\w+ (?:model|maszyn|urzadzen|typ|nazw|numer|ploter|drukark)\w*|pomyl\w*|blad|bledn\w+|poprawk\w*|poprawi\w*|popraw\w*|"
    r"sprost\w*|przejezyczy\w*|(?:powinno|mialo|mial|miala) byc|zle (?:\w+ )?(?:podal|wpisal|napisal|zaznaczyl)\w*|"
    r"nie ten model|nie ta (?:maszyn|drukark)\w*|zamiast|jednak|wrong|mistake|typo|instead|actually|correct\w*|"
    r"nie \S+(?: \S+)?,? (?:tylko|lecz|a)|not (?:the )?\S+(?: \S+)?,? but)\b"
)


def corrected_device(text: str, context: ReadingContext) -> Fact | None:
    """The machine that an answer gives in place of the one we know: named beside the words that own up to a mistake."""
    known = context.known.device.value if context.known and context.known.device else None
    if known is None:
        return None
    owned_up = False
    for sentence in sentences(text):
        folded = fold(sentence.text)
        here = bool(_MISTAKE.search(folded))
        if here or owned_up:
            named = [mention.name for mention in machines.find_mentions(sentence.text, context.service.devices) if mention.name]
            found = next((name for name in named if name != known), None) or bare_device(sentence.text, context)
            if found and found != known:
                return Fact(found, Where.TEXT, squeeze(sentence.text), True, True)
        owned_up = here
    return None
