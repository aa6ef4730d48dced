"""A level of impact that a text names: "w waszej skali chyba średni". One reader for first mails, answers and form lines.

A word of a level may as well be said of a temperature, a queue or last year, so each is weighed by what stands about it, each piece of
evidence with its name: patterns of `level_evidence.txt`, the noun that the word belongs to, whether its clause says anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from rapidfuzz.distance import DamerauLevenshtein

from mailbot.model.facts import Impact
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import squeeze, table
from mailbot.rules.reading.particle import is_particle
from mailbot.rules.reading.words import Sentence, Token, fold, sentences

ENOUGH = 4
"""What a word of a level must weigh to be believed where no level was asked for."""
ENOUGH_ASKED = 2
_CLEAR, FAINT = 10, 6  # beside a clear one, or a mail that tells of another level, a faint one is something else

_FOR = {
    "label": 6, "noun": 6, "affair": 4, "choice": 4, "hedge": 3, "contrast": 3, "alone": 4, "into": 1, "ends": 2,
    "stands for a level": 2, "change": 1, "told": 0,
}  # fmt: skip
_AGAINST = {
    "another": -8, "degree": -7, "screen": -20, "measured": -20, "compound": -9, "thing": -9, "of a thing": -6, "form": -2, "short": -2,
    "unsure": -6, "doubtful": -4,
}  # fmt: skip
VETOES = frozenset(["denied", "compared", "left", "later", "listed", "doubt", "yours", "past", "asks"])
WEIGHTS = _FOR | _AGAINST
_NAMES_ONE = ("label", "noun", "affair")  # what says that the word is of a level in any form
_ORDER = tuple(Impact)


@dataclass(frozen=True, slots=True)
class Level:
    """A level that is named: its words and offset in the text, whether it is said to be a change, and what speaks for it."""

    impact: Impact
    text: str
    at: int
    correction: bool
    evidence: tuple[str, ...]
    weight: int


def chosen_level(levels: Sequence[Level]) -> Level | None:
    """The one that counts: the last correction, else the last; what somebody else thinks only where nothing else is said."""
    own = [level for level in levels if "told" not in level.evidence] or levels
    clear = max((level.weight for level in own), default=0) >= _CLEAR
    own = [level for level in own if level.weight >= FAINT or not clear]
    return next((level for level in reversed(own) if level.correction), own[-1]) if own else None


def named_levels(text: str, *, asked: bool = False) -> list[Level]:
    """The levels that a text names, in order; in an answer to the question for it (`asked`) less evidence is enough."""
    about = (sentence for sentence in sentences(text) if _COULD_NAME.search(fold(sentence.text)))
    return [level for sentence in islice(about, _MOST_SENTENCES) for level in _named(sentence, asked)]


_COULD_NAME = re.compile(r"\b(?:kr|kyr|wys|yws|wy?s?o|s[redn]{1,2}|nis|nsi|cri|hi|hg|med|mo|lo|p[1-4r]|impact|sev|wplyw)")
_MOST_SENTENCES, _MOST_WORDS = 24, 8  # that name a level; more have nothing to say, and cost time


def has_level_word(text: str) -> bool:
    """Whether a word of a level stands in a text, in whatever role."""
    return any(level_of(token.key) for sentence in sentences(text) for token in sentence.words)


def _named(sentence: Sentence, asked: bool) -> list[Level]:
    found: list[Level] = []
    for at, evidence in evidence_of(sentence).items():
        impact = level_of(sentence.tokens[at].key)
        weight = sum(WEIGHTS.get(name, 0) for name in evidence)
        if asked and "unsure" in evidence:
            weight -= WEIGHTS["unsure"]  # "średni?" is an answer
        if impact and weight >= (ENOUGH_ASKED if asked else ENOUGH) and not VETOES & set(evidence):
            found.append(Level(impact, squeeze(sentence.text), sentence.tokens[at].start, "change" in evidence, evidence, weight))
    return _worse_of_pair(sentence, found) or list(_numbered(sentence))


def _numbered(sentence: Sentence) -> Iterator[Level]:
    """A level by its number: "severity 2"."""
    folded = fold(sentence.text)
    if any(char in folded for char in "1234") and not sentence.asks:
        for pattern in _number_patterns():
            if found := pattern.search(folded):
                level = _ORDER[int(found.group(1)) - 1]
                yield Level(level, squeeze(sentence.text), sentence.start + found.start(), False, ("number",), _CLEAR)
                return


@cache
def _number_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row[0]) for row in table("levels"))


def _worse_of_pair(sentence: Sentence, found: list[Level]) -> list[Level]:
    """Of "średni/wysoki" and "średni albo wysoki" the worse: so a clerk would take it."""
    if len(found) == 2 and not found[-1].correction:
        between = sentence.text[found[0].at - sentence.start : found[1].at - sentence.start]
        if re.search(r"(?:/|\b(?:lub|albo|or|ewentualnie)\b|\w-$|–\s?$)", fold(between)) and len(between) < 40:
            return [min(found, key=lambda level: _ORDER.index(level.impact))]
    return found


# ------------------------------------------------------------------------------------------------------------------ words of a level
_ADJECTIVE = r"(?:{}|{})".format(
    r"(?:wysok|nisk)(?:i|iego|iemu|im|a|iej|ie|o|ich|imi)",
    r"(?:sredn)(?:i|iego|iemu|im|ia|iej|ie|io|ich|imi)|(?:krytyczn|krytczn|krytyn)(?:y|ego|emu|ym|a|ej|e|ie|ych|ymi)",
)
_STEMS = {
    **dict.fromkeys(("kryt", "krt", "crit"), Impact.CRITICAL),
    **dict.fromkeys(("wys", "high", "hih", "hgi"), Impact.HIGH),
    **dict.fromkeys(("sr", "med", "mod"), Impact.MEDIUM),
    **dict.fromkeys(("nis", "low"), Impact.LOW),
}
_WHOLE = re.compile(rf"{_ADJECTIVE}|critical|high|hihg|hgih|medium|moderate|low")
_SHORT = re.compile(r"kryt|wys|sr|nis|crit|med")
_SPELT = tuple(
    stem + ending
    for stem, endings in (
        ("wysok", ("i", "iego", "im", "a", "iej", "ie")),
        ("nisk", ("i", "iego", "im", "a", "iej", "ie")),
        ("sredn", ("i", "iego", "im", "ia", "iej", "ie")),
        ("krytyczn", ("y", "ego", "ym", "a", "ej", "e")),
        ("critical", ("",)),
        ("medium", ("",)),
    )
    for ending in endings
)


@lru_cache(maxsize=4096)
def level_of(key: str) -> Impact | None:
    """The level that a folded word names, also with a slip of the fingers; short for one, as in "wys.", too."""
    if _WHOLE.fullmatch(key) or _SHORT.fullmatch(key):
        return next(impact for stem, impact in _STEMS.items() if key.startswith(stem))
    if len(key) < 5 or key[0] not in "kwsncmhyr" or morphology.is_known(key) or _near_misses().match(key):
        return None
    trusted = morphology.available() or len(key) > 6
    for word in _SPELT:
        slips = 2 if len(word) >= 8 else 1
        begins = sorted(word[:2]) == sorted(key[:2]) or (trusted and word[0] == key[0])
        if begins and abs(len(word) - len(key)) <= slips and DamerauLevenshtein.distance(word, key, score_cutoff=slips) <= slips:
            return level_of(word)
    return None


@cache
def _near_misses() -> re.Pattern[str]:
    """Words that look like a misspelt level to one without a dictionary."""
    return re.compile(
        r"(?:niski?ch|nisz|nitk|nicki|nisko|wysok?os|wysyl|wysuw|wysoce|kryty\b|krytyk|critic(?:s|ism|ally)?$|media|median|srednic|wyzsz)"
    )


# -------------------------------------------------------------------------------------------------------------------------- evidence
def evidence_of(sentence: Sentence) -> dict[int, tuple[str, ...]]:
    """What speaks for and against each word of a level in a sentence, by its place among the tokens."""
    words = frozenset(at for at, token in enumerate(sentence.tokens) if token.is_word and level_of(token.key))
    return {at: _evidence(sentence, at, words) for at in sorted(words)[:_MOST_WORDS]}


def _evidence(sentence: Sentence, at: int, others: frozenset[int]) -> tuple[str, ...]:
    """The names of what speaks for and against the word at `at` being a level."""
    token = sentence.tokens[at]
    line = normal_form(sentence, at, others)
    found = list(dict.fromkeys(name for name, pattern in _patterns() if pattern.search(line)))
    if "left" in found and token.key.endswith(("i", "y", "im", "ym")):
        found.remove("left")  # "z wysokim wpływem", "że niski"
    if "ends" not in found and _verb_follows(sentence, at):
        found.append("ends")
    if _alone(line):
        found.append("alone")
    if _is_listed(sentence, at, others):
        found.append("listed")
    if sentence.asks and not _REQUEST.search(line):
        found.append("unsure" if len(sentence.words) <= _SHORT_ANSWER and "alone" in found else "asks")
    if "noun" not in found:
        if _follows_a_thing(sentence, at):
            found.append("thing")
        elif not {"label", "affair"} & set(found) and _is_said_of_a_thing(sentence, at):
            found.append("of a thing")
        elif "ends" in found and _STANDS_FOR_A_LEVEL.fullmatch(token.key):
            found.append("stands for a level")
    if not set(found) & set(_NAMES_ONE):
        if _UNLIKELY_FORM.fullmatch(token.key):
            found.append("form")
        if _SHORT.fullmatch(token.key):
            found.append("short")
    return tuple(found)


_LIST_MARK = re.compile(r"[\s,/|–()-]*(?:(?:i|lub|albo|oraz|czy|or|and|a)?[\s,/|–()-]+)?")
_CHOSEN = re.compile(r"\[x\]|\(x\)|[☒☑✓✔*_>←]|<-|\bx\b", re.IGNORECASE)


def _is_listed(sentence: Sentence, at: int, others: frozenset[int]) -> bool:
    """Whether the word is one of our list, copied: "niski / średni / wysoki", and not the one that is marked there."""
    run = [at]
    for step in (-1, 1):
        here = at
        while near := [other for other in others if (other - here) * step > 0]:
            there = min(near, key=lambda other: abs(other - here))
            left, right = sorted((here, there))
            between = fold(sentence.text[sentence.tokens[left].end - sentence.start : sentence.tokens[right].start - sentence.start])
            if not _LIST_MARK.fullmatch(_CHOSEN.sub("", between)):
                break
            run.append(there)
            here = there
    words = [sentence.tokens[other] for other in run]
    if len({level_of(word.key) for word in words}) < _LIST:
        return False
    token = sentence.tokens[at]
    shouted = [word for word in words if word.text.isupper()]
    around = sentence.text[max(0, token.start - sentence.start - 4) : token.end - sentence.start + 4]
    return not (shouted == [token] or _CHOSEN.search(around))


_LIST = 3  # different levels in a row
_SHORT_ANSWER = 4  # words
_REQUEST = re.compile(
    r"\b(?:zmieni\w*|podnies\w*|obniz\w*|zapis\w*|zaznacz\w*|ustaw\w*|wpis\w*|potraktowac|log|mark|raise|lower|treat|set|put|make)\b"
)
_STANDS_FOR_A_LEVEL = re.compile(r"(?:wysok|nisk)(?:i|iego|iemu|im)|sredn(?:i|iego|iemu|im)|kryt\w*(?:y|ego|emu|ym)|critical")
_UNLIKELY_FORM = re.compile(r"(?:wysok|nisk)(?:a|iej|ie|o|ich|imi)|sredn(?:ia|iej|ie|io|ich|imi)|kryt\w*(?:a|ej|e|ie|ych|ymi)")


def normal_form(sentence: Sentence, at: int, others: frozenset[int]) -> str:
    """The folded words and marks of a sentence, a space between them; the word of a level as LEVEL."""
    return " ".join(
        "LEVEL" if here == at else "OTHER" if here in others else token.key
        for here, token in enumerate(sentence.tokens)
        if token.text not in '"„”“«»' and not is_particle(sentence.tokens, here)  # "no raczej wysoki" denies nothing
    )


@cache
def _groups() -> dict[str, str]:
    """The names of `level_words.txt` as alternatives."""
    return {
        name: "(?:" + "|".join(re.escape(fold(word)).replace(r"\*", r"\w*") for word in words.split()) + r")(?!\w)"
        for name, words in table("level_words")
    }


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The lines of `level_evidence.txt`, compiled."""
    return tuple((row[0], compiled(row[1])) for row in table("level_evidence"))


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern with the names of groups filled in."""
    for name, words in _groups().items():
        pattern = re.sub(rf"(?<![A-Z_]){name}(?![A-Z_])", lambda _: words, pattern)  # noqa: B023
    return re.compile(pattern)


@cache
def _fills() -> re.Pattern[str]:
    groups = _groups()
    return re.compile(rf"(?:{groups['FILL']}|{groups['HEDGE']}|{groups['VERB']}|{groups['NOUN']}|\d)")


_CLAUSE = re.compile(r" [][,:–()/.!?|-]+(?: |$)|^[][,:–()/.!?|-]+ ")


def _alone(line: str) -> bool:
    """Whether the clause of the word says nothing else."""
    clause = next((part for part in _CLAUSE.split(line) if "LEVEL" in part.split()), "")
    words = re.split(r"\s(?:bo|ale|i|choc|chociaz|but|because|as|since|and|poniewaz|gdyz)\s", clause)[0].split()
    return "LEVEL" in words and all(word == "LEVEL" or _fills().fullmatch(word) for word in words)


# ------------------------------------------------------------------------------------------------------ the noun that the word is of
_ADDRESSES = re.compile(r"pan\w*|panstw\w*|tyle|dzieki|pozdrowieni\w*|mysl|jest|rano|dzis|strony|razie|moment\w*|chwil\w*|teraz")


def _follows_a_thing(sentence: Sentence, at: int) -> bool:
    """Whether the word belongs to the noun behind it: "wysoki połysk", "high pressure"."""
    english = sentence.tokens[at].key in ("high", "low", "medium", "critical", "moderate")
    for token in _behind(sentence, at, 2):
        if _after().fullmatch(token.key) or _fills().fullmatch(token.key) or (token.text.istitle() and not english):
            return False
        if _of_levels().fullmatch(token.key):
            return False
        forms = morphology.forms(token.text.lower())
        if any(form.part in ("conj", "prep", "comp") for form in forms):
            return False
        if forms:
            if any(form.part == "subst" for form in forms) and not _ADDRESSES.fullmatch(token.key):
                return english or _agree(sentence.tokens[at], token)
            if not any(form.part in ("adj", "ppas", "pact") for form in forms):
                return english and not any(
                    form.part in ("fin", "praet", "prep", "conj", "comp", "adv", "qub", "part", "impt") for form in forms
                )
        else:
            return not token.key.isdigit() and len(token.key) > 2 and not _ADDRESSES.fullmatch(token.key)
    return False


def _behind(sentence: Sentence, at: int, count: int) -> Iterator[Token]:
    for token in sentence.tokens[at + 1 : at + 1 + count]:
        if not token.is_word:
            return
        yield token


def _verb_follows(sentence: Sentence, at: int) -> bool:
    """Whether the next word begins another clause without a comma: "wysoki stoimy"."""
    return any(
        form.part == "impt" or (form.part == "fin" and "pri" in form.tags)
        for token in _behind(sentence, at, 1)
        for form in morphology.forms(token.text.lower())
    )


@cache
def _of_levels() -> re.Pattern[str]:
    return re.compile(rf"{_groups()['NOUN']}|{_groups()['AFFAIR']}")


@cache
def _after() -> re.Pattern[str]:
    return re.compile(_groups()["AFTER"])


def _agree(adjective: Token, noun: Token) -> bool:
    """Whether case, number and gender of two words go together, as far as the dictionary knows."""
    of_one = [form.tags for form in morphology.forms(adjective.text.lower()) if form.part == "adj"]
    of_other = [form.tags for form in morphology.forms(noun.text.lower()) if form.part == "subst"]
    if not of_one or not of_other:
        return True
    return any(morphology.agree(one, other) for one in of_one for other in of_other)


_COPULA = re.compile(r"jest|sa|byl\w*|robi|wydaje|is|are|was|were|stays|reads|shows|runs|too|very")


def _is_said_of_a_thing(sentence: Sentence, at: int) -> bool:
    """Whether the word is said of the noun before it: "nacisk wysoki", "operator jest wysoki", "the ink is low"."""
    before = []
    for token in reversed(sentence.tokens[max(0, at - 5) : at]):
        if not token.is_word:
            break
        before.append(token)
    said = next((here for here, token in enumerate(before) if _COPULA.fullmatch(token.key)), None)
    for here, token in enumerate(before):
        if said is None and here > 0:
            return False
        if said is not None and here <= said:
            continue
        if _NOT_A_THING.fullmatch(token.key) or _fills().fullmatch(token.key):
            continue
        forms = morphology.forms(token.text.lower())
        nouns = any(form.part == "subst" and form.tags & {"nom", "acc"} for form in forms)
        if nouns and not _ADDRESSES.fullmatch(token.key):
            return _agree(sentence.tokens[at], token)
        if not forms and said == here - 1 and len(token.key) > 2:
            return True
    return False


_NOT_A_THING = re.compile(r"it|this|that|to|we|there|impact|i|wszystko|nic|calosc")
