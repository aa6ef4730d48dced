"""The company in an answer to our question for it: behind words that give a name, or alone on its line; never mere prose.

What stands for a name: a legal form, a word for a kind of firm or institution, a word that no dictionary has, a capital letter inside the
line. What speaks against one: verbs, adverbs, small words, persons, places, machines, levels.
"""

from __future__ import annotations

import re
from functools import cache

from mailbot.model.facts import Where
from mailbot.model.service import Device
from mailbot.rules.reading import device as machines
from mailbot.rules.reading import morphology
from mailbot.rules.reading.company_name import trim, with_legal_form, without_place, without_prose
from mailbot.rules.reading.cues import classes, in_class, table
from mailbot.rules.reading.firm import is_plausible
from mailbot.rules.reading.form import says_unknown
from mailbot.rules.reading.impact import read_level
from mailbot.rules.reading.inflect import nominative_name
from mailbot.rules.reading.introduction import introduces
from mailbot.rules.reading.layout import (
    CONTACT_MARK,
    LEGAL_FORM,
    LEGAL_FORM_CASED,
    has_legal_form,
    is_department,
    is_job_title,
    words_of,
)
from mailbot.rules.reading.person import as_name
from mailbot.rules.reading.whose import plays
from mailbot.rules.reading.words import fold, sentences

_JOINING = frozenset(["i", "w", "we", "na", "nad", "pod", "im", "nr", "and", "of", "the", "for", "oraz", "dla", "do", "ds"])
_NOUNLIKE = frozenset(["subst", "adj", "depr", "ger", "brev", "pact", "ppas", "num"])
_END = re.compile(r"[\n;!?()]|\s[–—-]\s|(?<=[^\W_]{3})[.\"”]+(?=\s|$)|,\s|\s/\s|:\s")
_OPENING = "„\"'“»« "
_SOMEBODYS = re.compile(
    r"\b(?:nie|not|klient\w*|kontrahent\w*|dostawc\w*|hurtowni\w*|kurier\w*|leasing\w*|technik\w*|serwis\w*|inn\w+|other|konkurenc\w*|"
    r"sprzedawc\w*|u|od|customer\w*|supplier\w*|kiedys|wczesniej|dawniej|poprzednio|formerly)\s+(?:\w+\s+)?$"
)


@cache
def _cues() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern, _ in table("company_cues"))


def company_said(text: str, devices: tuple[Device, ...]) -> str | None:
    """The name that the answer gives in so many words: "faktury na Grafmax Bis". Of several the last, for it corrects the others."""
    found: list[tuple[int, str]] = []
    for line_at, line in _numbered(text):
        folded = fold(line)
        if len(folded) != len(line):
            continue
        for cue in _cues():
            for match in cue.finditer(folded):
                if _SOMEBODYS.search(folded[max(0, match.start() - 40) : match.start()]):
                    continue
                name = _leading_name(line[match.end() :], trusted=bool(re.match(r"\W*(?:\w+ )?(?:firm|nazw|podaj|wpisz)", match.group())))
                if name and _may_be_company(name, devices):
                    found.append((line_at + match.end(), name))
    return max(found)[1] if found else None


_SPEAKS_OF_FIRM = re.compile(
    r"\b(?:firm(?:a|y|ie|e)|nazw\w+|spolk\w+|dan(?:e|ych)|dzialalnosc\w*|company|business|name)\b|\bnie \S+(?: \S+){0,3},? tylko\b"
)


def is_new_name(name: str, text: str) -> bool:
    """Whether an answer gives a firm's name in place of the one it gave before: "obecna nazwa firmy: …", "nie Kolor, tylko …"."""
    told = [fold(sentence.text) for sentence in sentences(text) if name in sentence.text]
    return any(plays("renamed", said) and _SPEAKS_OF_FIRM.search(said) and not plays("told", said) for said in told)


def speaks_of_firm(name: str, text: str) -> bool:
    """Whether a sentence with a name speaks of a firm, so that the firm has the name of a person."""
    return any(_SPEAKS_OF_FIRM.search(fold(sentence.text)) for sentence in sentences(text) if name in sentence.text)


_APPOSED = re.compile(
    r"(?:^|[,:;.–—-]\s+|\b(?:tylko|lecz|dzis|teraz|obecnie|dokladnie|doslownie|konkretnie|czyli|to|jako|oficjalnie|formalnie|ostatecznie|"
    r"tj\.|now|actually|namely|properly)\s+(?=[^\s]))"
)


def company_beside(text: str, devices: tuple[Device, ...]) -> str | None:
    """A name set beside something in running text: "jesteśmy małą pracownią, Trzy Kolory", "nie Kolor, tylko Trzy Kolory".

    Two capitals, or a word for a kind of firm before one; the last of several, and none in a sentence about customers or suppliers.
    """
    found: list[tuple[int, str]] = []
    for line_at, line in _numbered(text):
        folded = fold(line)
        if len(folded) != len(line) or plays("told", folded):
            continue
        starts = [match.end() for match in _APPOSED.finditer(folded)]
        starts += [match.start() for match in re.finditer(r"[A-ZŁŚŻŹĆÓ][^\W\d_]+", line) if _names_kind(match.group())]
        for start in starts:
            before = re.search(r"(\w+)\W*$", folded[:start])
            if before and before.group(1) in _PREPOSITIONS and not re.search(r"[,.:;]\s*$", folded[:start]):
                continue
            name = _leading_name(line[start:], trusted=False)
            words = words_of(name or "")
            opens = not re.search(r"[^\W_][,:–—-]?\s+$", folded[:start]) or folded[:start].rstrip()[-1:] in ".!?"
            if name and _may_be_company(name, devices) and not (opens and _speaks(name)):
                kind = _names_kind(words[0]) and len(words) > 1
                if kind or has_legal_form(name) or sum(word[0].isupper() for word in words) >= 2:
                    found.append((line_at + start, name))
    whole = [(at, name) for at, name in found if not any(start < at < start + len(other) for start, other in found)]
    return max(whole)[1] if whole else None


_PREPOSITIONS = frozenset(
    ["dla", "u", "od", "z", "ze", "w", "we", "do", "na", "przy", "przez", "for", "from", "by", "at", "in", "with", "nie", "not"]
)


def _names_kind(word: str) -> bool:
    """Whether a word is a kind of firm in the nominative."""
    return in_company_class(word) and any("nom" in form.tags for form in morphology.forms(word.lower()))


def _numbered(text: str) -> list[tuple[int, str]]:
    """The lines with their offsets; a line that ends in a colon is read with the next one."""
    lines: list[tuple[int, str]] = []
    at = 0
    for line in text[:20000].split("\n"):
        if lines and lines[-1][1].rstrip().endswith((":", ",")) and line.strip():
            start, before = lines.pop()
            lines.append((start, f"{before} {line}"[:600]))
        elif lines and not line.strip() and lines[-1][1].rstrip().endswith(":"):
            pass
        else:
            lines.append((at, line[:600]))
        at += len(line) + 1
    return lines


def _leading_name(text: str, *, trusted: bool) -> str | None:
    """The name that a text begins with, in the nominative as far as it is a common word; in small letters only where it is `trusted`."""
    text = re.sub(r"^(?:[Jj]est to|[Tt]o jest|[Tt]o|[Ii]t's|[Ii]t is|[Tt]his is)\s+(?=[A-ZŁŚŻŹĆÓ„\"])", "", text.lstrip(" :–-"))
    form = LEGAL_FORM.search(text) or LEGAL_FORM_CASED.search(text)
    if (
        form
        and form.start()
        and not re.search(r"[;!?()]|[^\W\d_]{3}\.\s", text[: form.start()])
        and len(words_of(text[: form.start()])) <= 7
    ):
        return nominative_name(without_prose(with_legal_form(text[: form.end()]) or "")) or None
    if text[:1] and text[0] in _OPENING and (quoted := re.match(r"[„\"“»']([^„\"”“«»']{2,60})[”\"«»“']", text)):
        return quoted.group(1)
    head = _END.split(text, maxsplit=1)[0].strip(_OPENING + ".")
    words = head.split()
    run: list[str] = []
    for at, word in enumerate(words):
        bare = word.strip("„\"”.'")
        if not bare:
            break
        following = any(other[:1].isupper() or other[:1].isdigit() for other in words[at + 1 : at + 4])
        small = run and fold(bare) in _JOINING and following
        noun = run and following and in_company_class(run[0]) and _is_nounlike(bare)
        if not (bare[0].isupper() or bare[0].isdigit() or bare in "&+" or small or noun):
            break
        run.append(word)
    if not run or not run[0].strip("„\"”.'")[:1].isupper():
        lower = [word.strip(".") for word in words] if trusted else []
        return " ".join(lower) if 1 <= len(lower) <= 3 and _proper(lower) and head == text.strip(" .!\n") else None
    return nominative_name(without_place(trim(" ".join(run))))


def in_company_class(word: str) -> bool:
    """Whether a word says what kind of firm or institution it is: "Drukarnia", "Muzeum"."""
    key = fold(word.strip("„\"”.'"))
    return in_class(key, "companyword") or in_class(key, "public_body")


def company_alone(line: str, devices: tuple[Device, ...], *, whole: bool) -> str | None:
    """The name that a line is, when it is nothing else. `whole`: the answer holds nothing but this line."""
    value = re.sub(r"^[^\w„\"“»]+|[\s!:;)(]+$", "", without_lead(line.strip()))
    value = re.sub(r"\s*[,–-]?\s+(?:to|is)\s+(?:my|nasza|nazwa|moja|pełna|the company|our|my)\b.*$", "", value)
    value = re.sub(r"^(?:[Ff]irma|[Nn]azwa)\s+(?=[A-ZŁŚŻŹĆÓ„\"])", "", value) if not has_legal_form(value) else value
    if not value or len(value) > 90 or re.search(r"[?!:]", value) or says_unknown(value) or CONTACT_MARK.search(value):
        return None
    if has_legal_form(value):
        named = with_legal_form(value)
        return named if named and _may_be_company(named, devices) and not _speaks(named) else None
    quoted = re.fullmatch(r"[„\"“»]([^„\"”“«»]{2,60})[”\"«»“]\.?", value)
    if quoted:
        return quoted.group(1)
    if "," in value or re.search(r"[^\W\d_]{3}\.\s", value):
        return None
    value = without_place(trim(value))
    words = words_of(value)
    if not words or len(words) > 8 or _speaks(value) or not _may_be_company(value, devices) or not _has_evidence(value, words, whole):
        return None
    return value


_IT_IS = re.compile(r"^(?:[Tt]o(?: jest)?|[Jj]est to|[Ii]t['’]s|[Ii]t is|[Tt]his is)\s+(?=[A-ZŁŚŻŹĆÓ„\"])")


def without_lead(value: str) -> str:
    """Without "it's" and the adverbs and particles before a capital letter: "Oczywiście Grafmax"."""
    words = _IT_IS.sub("", value).split()
    while len(words) > 1 and _is_particle(words[0].strip(",.")) and words[1].lstrip(_OPENING)[:1].isupper():
        words.pop(0)
    return " ".join(words)


def _is_particle(word: str) -> bool:
    found = {form.part for form in morphology.forms(word.lower())}
    return bool(found) and found <= {"adv", "part", "interj", "conj", "comp", "qub"} and fold(word) not in {"nie", "ani", "czy"}


def _is_nounlike(word: str) -> bool:
    """Whether a word can be part of a name: a noun, an adjective, or one that no dictionary has."""
    found = {form.part for form in morphology.forms(word.lower())}
    return not found or bool(found & _NOUNLIKE and not found & {"prep", "conj", "comp", "pred"})


def _proper(words: list[str]) -> bool:
    """Whether words in small letters are a name: more than the kind of firm."""
    return all(_is_proper(word) for word in words) and not all(in_company_class(word) for word in words)


def _is_proper(word: str) -> bool:
    """Whether a lower-case word can only be somebody's name for a firm, or its kind."""
    key = fold(word)
    return (
        in_company_class(word)
        or (_is_coined(word) and not is_function_word(key))
        or (_is_nounlike(word) and not _is_ordinary(key) and not morphology.is_verb(word))
    )


@cache
def _function_words() -> frozenset[str]:
    return classes()["polish"] | classes()["english"] | classes()["small_talk"] | classes()["english_reply"] | classes()["greeting"]


def is_function_word(key: str) -> bool:
    """Whether a folded word is a small word of Polish or English, or one of courtesy."""
    return key in _function_words()


def _is_ordinary(key: str) -> bool:
    """Whether a folded word is one of those that mails are made of."""
    return key in _function_words() or any(in_class(key, kind) for kind in ("asking", "machine", "part", "function", "title"))


def _speaks(value: str) -> bool:
    """Whether a line is prose: it holds a verb, an adverb or a small word where a name has none."""
    for at, word in enumerate(words_of(value)):
        key = fold(word)
        if word[0].islower() and (at == 0 or key not in _JOINING) and not in_company_class(word):
            if not _is_nounlike(word) or morphology.is_finite_verb(word) or in_class(key, "asking"):
                return True
        elif at == 0 and word[0].isupper() and not in_company_class(word):
            found = {form.part for form in morphology.forms(word.lower())}
            name = any(form.kinds for form in morphology.forms(word.capitalize()) if "nom" in form.tags)
            if (found and not found & _NOUNLIKE) or (morphology.is_verb(word) and not name) or in_class(key, "greeting"):
                return True
            if key in _function_words() and len(words_of(value)) > 1 and words_of(value)[1][0].islower():
                return True
    return False


def names_firm(value: str) -> bool:
    """Whether a line at the bottom can be a firm at all: neither prose nor a street."""
    return has_legal_form(value) or not (_speaks(value) or _is_street(value))


def _is_street(value: str) -> bool:
    """Whether a line is an address: "Cicha 4", "Polna 3/5"."""
    found = re.fullmatch(r"(?:[A-ZŁŚŻŹĆÓ][^\W\d_]+\s)?([A-ZŁŚŻŹĆÓ][^\W\d_]+)\s\d{1,3}[a-zA-Z]?(?:\s?/\s?\d{1,3})?", value)
    return bool(found) and any(
        (form.part == "adj" and "f" in form.tags) or (form.part == "subst" and "gen" in form.tags and "nom" not in form.tags)
        for form in morphology.forms(found.group(1).lower() if found else "")
    )


def _has_evidence(value: str, words: tuple[str, ...], whole: bool) -> bool:
    if any(in_company_class(word) for word in words):
        names = any(word[0].isupper() for word in words[1:]) or (value.isupper() and len(words) > 1)
        return names or (len(words) <= 4 and any(_is_noun(word) or _is_coined(word) for word in words if not in_company_class(word)))
    if words[0][0].islower():
        return len(words) <= 3 and any(_is_coined(word) for word in words) and all(_is_proper(word) for word in words)
    if any(word[0].isupper() for word in words[1:]) or (value[:1] in _OPENING):
        return True
    if _is_coined(words[0]):
        return len(words) <= 3 and all(_is_proper(word) for word in words)
    return whole and len(words) == 1 and _is_noun(words[0]) and not in_class(fold(words[0]), "no_company_alone")


def _is_coined(word: str) -> bool:
    """Whether no dictionary and no table of ours has the word, also with the accents that haste leaves out."""
    return (
        len(word) > 2
        and fold(word) not in _exact_words()
        and not any(morphology.is_known(other) for other in morphology.accented(word.lower()))
    )


@cache
def _exact_words() -> frozenset[str]:
    """The folded words of all tables, stems aside."""
    return frozenset(word for words in classes().values() for word in words if not word.endswith("*"))


def _is_noun(word: str) -> bool:
    key = fold(word)
    return (
        any(form.part == "subst" and {"nom", "sg"} <= form.tags for form in morphology.forms(word.lower()))
        and not any(form.part in ("adv", "interj", "part", "pred", "adj") for form in morphology.forms(word.lower()))
        and not _is_ordinary(key)
    )


def _may_be_company(value: str, devices: tuple[Device, ...]) -> bool:
    """Whether nothing about a name speaks against it: no person, place, machine, level or department."""
    words = words_of(value)
    if (
        not words
        or not is_plausible(value)
        or CONTACT_MARK.search(value)
        or _is_street(value)
        or says_unknown(value)
        or read_level(value)
        or re.match(r"(?i)\W*(?:pan|pani|pana|panu|panem|panią|p\.|mr|mrs|ms)\s", value)
    ):
        return False
    if has_legal_form(value):
        return True
    if machines.find_mentions(value, devices) or machines.find_other_makers(value):
        return False
    kind = any(in_company_class(word) for word in words)
    if not kind and (is_department(value) or is_job_title(value)):
        return False
    initials = re.fullmatch(r"((?:[A-ZŁŚŻŹĆ]\.\s?){1,2})[A-ZŁŚŻŹĆÓ][\w-]+\.?", value)
    if initials:
        return in_class(fold(re.sub(r"\W", "", initials.group(1))), "companyword")
    if introduces(value):
        return False
    name = as_name(value, Where.TEXT)
    if not kind and name and len(words) <= 3 and any(morphology.is_first_name(word) for word in words):
        return False
    return not all(_is_place(word, alone=len(words) == 1) for word in words)


def _is_place(word: str, *, alone: bool) -> bool:
    kinds = {kind for form in morphology.forms(word.capitalize()) for kind in form.kinds}
    return "nazwa_geograficzna" in kinds and (alone or "nazwa_pospolita" not in kinds)
