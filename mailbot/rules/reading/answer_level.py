"""The level of impact that an answer names: a word of our list, or a place in it ("ten drugi", "poziom 3"), also as a correction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from mailbot.model.facts import Fact, Impact, Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import classes, squeeze, table
from mailbot.rules.reading.impact import read_level
from mailbot.rules.reading.words import Sentence, Token, fold, sentences

_ORDER = tuple(Impact)
_STEMS = {"krytyczn": Impact.CRITICAL, "krytczn": Impact.CRITICAL, "critical": Impact.CRITICAL, "wysok": Impact.HIGH, "high": Impact.HIGH,
          "sredn": Impact.MEDIUM, "medium": Impact.MEDIUM, "moderate": Impact.MEDIUM, "nisk": Impact.LOW, "low": Impact.LOW}  # fmt: skip
_LEVEL = re.compile(
    r"(?:krytyczn|krytczn|wysok|sredn|nisk)(?:[iyea]|o|ie|im|iej|ej|ym|ego|emu|iego|iemu|a)?|critical|high|medium|moderate|low"
)
_BEFORE = classes()["level_denied"]
_TOLD = re.compile(r"^(?:pisal|napisal|podal|zaznaczyl|wpisal|ocenil|dal|wrote|said|bylo|byl|gave)")
_BETWEEN = classes()["level_between"]
_LATER = re.compile(
    r"\b(?:jesli|jezeli|if)(?! chodzi| idzie| mam| mamy| musz| trzeba| i have| pyta).{0,60}$|"
    r"\b(?:jak|jesli|jezeli|gdyby|gdy|kiedy|moze|mogl\w*|bedzie|stanie|zrobi|if|when|might|could|may|would become|will)\b[^,.]{0,50}$"
)
_CHANGE = re.compile(
    r"\b(?:jednak|zmie\w+|podni\w+|podno\w+|podwyz\w+|obniz\w+|popraw\w+|pomyl\w*|sprost\w*|koryg\w+|korekt\w+|przekwalifik\w+|"
    r"zamiast|tylko|teraz|juz|wczesniej|actually|change[ds]?|raise|lower|upgrade|downgrade|instead|now|correct\w*)\b"
)
_TOPIC = re.compile(r"\b(?:wplyw\w*|priorytet\w*|waznosc\w*|waga|pilnosc\w*|kategori\w*|klasyfikacj\w*|impact|priority|severity|urgency)\b")
_MEASURED = re.compile(
    r"\b(?:atrament\w*|tusz\w*|farb\w*|ink|temperatur\w*|cisnieni\w*|pressure|napieci\w*|voltage|jakosc\w*|quality|cen[aey]?|"
    r"koszt\w*|rozdzielczosc\w*|predkosc\w*|speed|wilgotnosc\w*|humidity|poziom(?:ie|u)? (?!wplywu)(?:\w+u|plynu|oleju|wody)|format\w*)\b"
)
_ORDINAL_FILLERS = classes()["level_filler"]


@dataclass(frozen=True, slots=True)
class _Word:
    impact: Impact
    token: Token
    end: int  # offset behind the word in the sentence


def answered_level(text: str, *, asked: bool) -> Fact | None:
    """The level that an answer names; where it was not asked for, only one that is said to be the impact, or is a change of it.

    The last one counts, without those that are denied, compared with, told of the past or feared.
    """
    chosen: Fact | None = None
    for sentence in sentences(text):
        folded = fold(sentence.text)
        if len(folded) != len(sentence.text):
            continue
        about = bool(_TOPIC.search(folded))
        changes = bool(_CHANGE.search(folded))
        named = _standing(sentence, folded)
        if named and not sentence.asks and (about or (changes and not _MEASURED.search(folded)) or (asked and _is_level(named, folded))):
            both = len(named) > 1 and re.search(r"(?:/|\b(?:lub|albo|or|ewentualnie)\b|[a-z]-[a-z])", folded) and not changes
            level = min((word.impact for word in named), key=_ORDER.index) if both else named[-1].impact
            chosen = Fact(level.value, Where.TEXT, squeeze(sentence.text), True, changes)
        elif _NO_IMPACT.search(folded) and not sentence.asks and (asked or changes):
            chosen = Fact(Impact.LOW.value, Where.TEXT, squeeze(sentence.text), True, changes)
        elif asked and not sentence.asks and not named and (place := _place_told(sentence.text)):
            chosen = Fact(place.value, Where.TEXT, squeeze(sentence.text), True, False)
    return chosen


_NO_IMPACT = re.compile(
    r"\b(?:zaden|zerowy|zadnego|minimalny|znikomy|brak|bez|nie ma|no|zero)\s+(?:zadnego\s+|wiekszego\s+|real\s+)?(?:wplyw\w*|impact)\b|"
    r"\bwplyw\w*(?: jest| na \w+| raczej| to)* (?:zaden|zerowy|minimalny|znikomy)\b|\bimpact(?: is)? (?:none|minimal|zero|negligible)\b"
)


def _standing(sentence: Sentence, folded: str) -> list[_Word]:
    """The level words that are meant, in order."""
    found: list[_Word] = []
    words = sentence.words
    for at, token in enumerate(words):
        if not _LEVEL.fullmatch(token.key):
            continue
        start, end = token.start - sentence.start, token.end - sentence.start
        before = [word.key for word in words[max(0, at - 4) : at] if "," not in folded[word.end - sentence.start : start]]
        while before and (before[-1] in _BETWEEN and before[-1] not in _BEFORE):
            before.pop()
        if (
            before
            and (before[-1] in _BEFORE or (len(before) > 1 and before[-2] == "nie" and before[-1] in _BETWEEN))
            and not _between(folded, before)
        ):
            continue
        if (before and _TOLD.match(before[-1])) or re.match(
            r"\W{0,2}\s?(?:to\s+|tez\s+|raczej\s+|chyba\s+)?nie(?:\s+jest|\s*[,.]|\s*$)", folded[end:]
        ):
            continue
        if _LATER.search(folded[:start]):
            continue
        stem = next(impact for stem, impact in _STEMS.items() if token.key.startswith(stem))
        found.append(_Word(stem, token, end))
    return found


def _between(folded: str, before: list[str]) -> bool:
    """Whether "z" only joins: "jeden z wyższych" denies nothing, "z wysokiego na średni" leaves the first behind."""
    return before[-1] in ("z", "ze", "from") and not re.search(r"\b(?:z|ze|from)\s+\w+\s+(?:na|do|to)\b", folded)


def _is_level(named: list[_Word], folded: str) -> bool:
    """Whether the last level word is no attribute of something else: "niski poziom atramentu", "wysoka temperatura"."""
    if _MEASURED.search(folded):
        return False
    following = re.match(r"\s+([^\W\d_]+)", folded[named[-1].end :])
    word = following.group(1) if following else ""
    level_noun = re.match(r"(?:poziom|stopien|wplyw|priorytet|level|impact|priority|please|prosz|bo|ale|wiec|dla|u|i|a|na|w|poki)", word)
    noun = bool(word) and not level_noun and any(form.part == "subst" for form in morphology.forms(word))
    feminine = re.fullmatch(r"(?:wysok|nisk)(?:a|ie|iej|im)|(?:sredni|krytyczn)(?:a|ej|e)", named[-1].token.key)
    return not noun and not (feminine and len(re.findall(r"\w+", folded)) > 3)


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
    clauses = [place for clause in re.split(r",\s", text) if (place := place_in_list(clause))]
    return whole or (clauses[0] if len(clauses) == 1 else None)


def bare_level(value: str) -> Impact | None:
    """The level that a short value names, as behind our form's label; not what is measured: "poziom atramentu jest niski"."""
    folded = fold(value)
    if (
        len(value.split()) > 5
        or (folded.startswith("czy ") and "?" in value)
        or _MEASURED.search(folded)
        or re.match(r"(?:temperatur|wysokosc)", folded)
    ):
        return None
    for sentence in sentences(value):
        named = _standing(sentence, fold(sentence.text)) if len(fold(sentence.text)) == len(sentence.text) else []
        if named and not _is_level(named, fold(sentence.text)):
            return None
    return read_level(value) or place_in_list(value)


_WORSE = re.compile(
    r"\b(?:pogorszyl\w*|(?:sytuacja|stan|cos|wszystko) (?:sie )?zmienil\w*|"
    r"poprawil\w* sie|sie poprawil\w*|jest gorzej|gorzej niz|nasilil\w*|got worse|has changed|worsened)\b"
)


def tells_of_change(text: str) -> bool:
    """Whether an answer says that things are no longer as they were told."""
    return bool(_WORSE.search(fold(text)))
