"""The level of impact that an answer names: a word of our list, or a place in it ("ten drugi", "poziom 3"), also as a correction."""

from __future__ import annotations

import re
from functools import cache

from mailbot.model.facts import Fact, Impact, Where
from mailbot.rules.reading.cues import classes, squeeze, table
from mailbot.rules.reading.impact import read_level
from mailbot.rules.reading.named_level import chosen_level, has_level_word, named_levels
from mailbot.rules.reading.words import fold, sentences

_ORDER = tuple(Impact)
_CHANGE = re.compile(
    r"\b(?:jednak|zmie\w+|podni\w+|podno\w+|podwyz\w+|obniz\w+|popraw\w+|pomyl\w*|sprost\w*|koryg\w+|korekt\w+|przekwalifik\w+|"
    r"zamiast|tylko|teraz|juz|wczesniej|actually|change[ds]?|raise|lower|upgrade|downgrade|instead|now|correct\w*)\b"
)
_BARE = 5  # words of a value that stands alone
_ORDINAL_FILLERS = classes()["level_filler"]


def answered_level(text: str, *, asked: bool) -> Fact | None:
    """The level that an answer names; where it was asked for, also one that is given by its place in our list."""
    if named := chosen_level(named_levels(text, asked=asked)):
        return Fact(named.impact.value, Where.TEXT, named.text, True, named.correction)
    told: Fact | None = None
    for sentence in sentences(text):
        folded = fold(sentence.text)
        changes = bool(_CHANGE.search(folded))
        if sentence.asks:
            continue
        if asked and (level := _in_other_words(sentence.text)):
            told = Fact(level.value, Where.TEXT, squeeze(sentence.text), True, changes)
        elif _NO_IMPACT.search(folded) and (asked or changes):
            told = Fact(Impact.LOW.value, Where.TEXT, squeeze(sentence.text), True, changes)
        elif asked and (place := _place_told(sentence.text)):
            told = Fact(place.value, Where.TEXT, squeeze(sentence.text), True, False)
    return told


_NO_IMPACT = re.compile(
    r"\b(?:zaden|zerowy|zadnego|minimalny|znikomy|brak|bez|nie ma|no|zero)\s+(?:zadnego\s+|wiekszego\s+|real\s+)?(?:wplyw\w*|impact)\b|"
    r"\bwplyw\w*(?: jest| na \w+| raczej| to)* (?:zaden|zerowy|minimalny|znikomy)\b|\bimpact(?: is)? (?:none|minimal|zero|negligible)\b"
)


@cache
def _other_words() -> tuple[tuple[Impact, re.Pattern[str]], ...]:
    return tuple((Impact(level), re.compile(rf"\W*(?:{pattern})\W*")) for level, pattern, _ in table("level_answers"))


_CLAUSE = re.compile(r"[,;:]\s|\s[-–—]\s|\.\.+")


def _in_other_words(text: str) -> Impact | None:
    """The level that the first clause of a sentence means in other words than our list."""
    clause = fold(_CLAUSE.split(text, maxsplit=1)[0])
    return next((level for level, pattern in _other_words() if pattern.fullmatch(clause)), None)


@cache
def _places() -> tuple[tuple[str, int], ...]:
    return tuple((fold(word), int(place)) for place, words, _ in table("level_places") for word in words.split())


def _place(key: str) -> int | None:
    if key in ("1", "2", "3", "4"):
        return int(key)
    return next((place for word, place in _places() if (key.startswith(word[:-1]) if word.endswith("*") else key == word)), None)


def place_in_list(value: str) -> Impact | None:
    """The level at a place of our list, when the words say nothing else: "ten drugi", "opcja 3", "przedostatni", "drugi od dołu"."""
    folded = re.sub(r"\b(?:od 1 do 4|1\s?[-–]\s?4|from 1 to 4)\b|/\s?4\b|\b(?:z|of)(?: tych| the)? (?:czterech|4|four)\b", " ", fold(value))
    folded = re.split(r"\b(?:niz|than|zamiast)\b", folded)[0]
    if either := re.fullmatch(r"\W*([1-4])\s?(?:/|,? ?(?:albo|lub|czy|or)|-)\s?([1-4])\W*", folded):
        return _ORDER[min(map(int, either.groups())) - 1]
    if sized := re.search(
        r"\b(?:wplyw\w*|impact)(?: (?:jest|to|mamy|raczej|chyba|dosc|na \w+|u nas|dla nas|is|rather))* (\w+)\W*$", folded
    ):
        return read_level(sized.group(1))
    words = re.findall(r"\w+(?:'\w+)?", folded)
    if not 1 <= len(words) <= 9 or re.search(r"\d[.,:/]?\d|\b[1-4]\s?(?:x|szt|mm|dni|godz)", folded):
        return None
    places = [(at, place) for at, word in enumerate(words) if (place := _place(word))]
    if len(places) != 1 or any(at != places[0][0] and word not in _ORDINAL_FILLERS for at, word in enumerate(words)):
        return None
    if (
        len(words) > 1
        and words[places[0][0]] in ("dwa", "trzy", "cztery", "jeden", "jedna", "two")
        and not re.search(r"poziom|opcj|num|nr|level", folded)
    ):
        return None
    place = places[0][1]
    return _ORDER[4 - place] if re.search(r"\b(?:od dolu|from the bottom)\b", folded) else _ORDER[place - 1]


def _place_told(text: str) -> Impact | None:
    """The place in our list that a sentence, or one of its clauses alone, gives."""
    whole = place_in_list(text)
    clauses = [place for clause in _CLAUSE.split(text) if (place := place_in_list(clause))]
    return whole or (clauses[0] if len(clauses) == 1 else None)


def bare_level(value: str) -> Impact | None:
    """The level that a short value names, as behind our form's label; not what is measured: "poziom atramentu jest niski"."""
    if len(value.split()) > _BARE or (fold(value).startswith("czy ") and "?" in value):
        return None
    if named := chosen_level(named_levels(value, asked=True)):
        return named.impact
    return place_in_list(value) if has_level_word(value) else read_level(value) or place_in_list(value)


_WORSE = re.compile(
    r"\b(?:pogorszyl\w*|(?:sytuacja|stan|cos|wszystko) (?:sie )?zmienil\w*|"
    r"poprawil\w* sie|sie poprawil\w*|jest gorzej|gorzej niz|nasilil\w*|got worse|has changed|worsened)\b"
)


def tells_of_change(text: str) -> bool:
    """Whether an answer says that things are no longer as they were told."""
    return bool(_WORSE.search(fold(text)))
