"""Which of our machines: the catalogue with sloppy and inflected spellings, unknown models as written, other makers' apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from mailbot.model.service import Device
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import classes, hits, in_class, squeeze
from mailbot.rules.reading.words import Sentence, Token, fold, sentences

BRAND = "oxi"
_UNIT = classes()["unit"]
_BEFORE_NUMBER = classes()["before_number"]
_MAKER_WORDS = frozenset(["sharp", "brother", "flora", "galaxy"])  # makers only with a capital
_LIKE_FORMAT = re.compile(r"\d\dx\d\d")
_HYBRID = re.compile(r"hybryd(?:a|y|zie|e|o)")  # what one of our machines is called, and no other maker's beside its name
_FAMILY_TAIL = r"(?:a|u|ie|em|cie|y|i|e|om|ach|ka|ki|ke|ce|ow|owi|owa|owej|ek|ya|owy)?"


@dataclass(frozen=True, slots=True)
class Model:
    """A catalogue entry cut into its family word and number: OXI UV 2513 -> uv, 2513."""

    name: str
    family: str
    number: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A machine named in a text. `name` is None when several entries fit (a series name, a bare number that several share)."""

    name: str | None
    text: str
    family: str
    number: str
    at: int
    sentence: Sentence


@lru_cache(maxsize=16)
def models(devices: tuple[Device, ...]) -> tuple[Model, ...]:
    """The catalogue, cut into families and numbers."""
    found = []
    for device in devices:
        folded = fold(device.name)
        number = "".join(re.findall(r"\d+", folded))
        family = re.sub(r"[^a-z]", "", folded).removeprefix(BRAND)
        found.append(Model(device.name, family, number))
    return tuple(found)


@lru_cache(maxsize=16)
def _numbers(catalogue: tuple[Model, ...]) -> frozenset[str]:
    return frozenset(model.number for model in catalogue)


@lru_cache(maxsize=8192)
def _family(letters: str, known: tuple[str, ...]) -> str | None:
    """The family that letters stand for, inflection and a slip forgiven."""
    for family in known:
        stems = {family, family[:-1]} if family.endswith("d") else {family}
        if any(re.fullmatch(re.escape(stem) + _FAMILY_TAIL, letters) for stem in stems):
            return family
    if len(letters) >= 3:
        best = max(known, key=lambda family: fuzz.ratio(family, letters), default=None)
        if best and fuzz.ratio(best, letters) >= (80 if len(letters) > 4 else 66) and (letters[0] == best[0] or len(letters) > 4):
            return best
    # an inflected word: jecie, jetcie, texie, hybrydy
    for family in known:
        if len(family) > 2 and letters.startswith(family[:-1]) and len(letters) <= len(family) + 4:
            return family
    return None


def _brand_rest(key: str) -> str | None:
    """What follows the brand in a word: `oxijet3200` -> `jet3200`, `oxi` -> ``; None when it is no word of the brand."""
    if key.startswith(BRAND):
        return key[3:]
    if key.startswith(("oksi", "0xi", "ox1", "oxy")):
        rest = key[4:] if key.startswith("oksi") else key[3:]
        return rest if rest == "" or rest.startswith(("jet", "uv", "tex", "roll", "hyb", "cut", "1", "2", "3", "6")) else None
    return None


@lru_cache(maxsize=64)
def find_mentions(text: str, devices: tuple[Device, ...]) -> tuple[Mention, ...]:
    """Our machines named in a text, in order."""
    catalogue = models(devices)
    families = tuple(dict.fromkeys(model.family for model in catalogue if model.family))
    found: list[Mention] = []
    for sentence in sentences(text):
        if not any(_may_name(token.key) for token in sentence.words):
            continue
        words = _whole_numbers([_joined(token) for token in sentence.words], _numbers(catalogue))
        at = 0
        while at < len(words):
            mention, used = (
                _branded(words, at, catalogue, families, sentence) or _unbranded(words, at, catalogue, families, sentence) or (None, 1)
            )
            if mention:
                found.append(mention)
            at += used
    found.extend(_aliases(text, devices))
    return tuple(found)


@lru_cache(maxsize=8192)
def _may_name(key: str) -> bool:
    """Whether a folded word can be part of a machine's name: of the brand, a number, or the one series with a name of its own."""
    return _brand_rest(key) is not None or key.startswith("hybryd") or any(char.isdigit() for char in key)


def _joined(token: Token) -> Token:
    """A model number that is written like a format, as the catalogue has it: "UV 60x90"."""
    return token._replace(key=token.key.replace("x", "")) if _LIKE_FORMAT.fullmatch(token.key) else token


def _whole_numbers(words: list[Token], numbers: frozenset[str]) -> list[Token]:
    """The words, with the two halves of a model's number together: "oxicut 16 25"."""
    whole: list[Token] = []
    for word in words:
        before = whole[-1] if whole else None
        if before and len(word.key) == 2 and len(before.key) == 2 and before.key + word.key in numbers:
            whole[-1] = Token(f"{before.text} {word.text}", before.key + word.key, before.start, word.end, True)
        else:
            whole.append(word)
    return whole


def _aliases(text: str, devices: tuple[Device, ...]) -> list[Mention]:
    found: list[Mention] = []
    for device in devices:
        for alias in device.aliases:
            pattern = re.compile(rf"(?<!\w){re.escape(fold(alias))}(?!\w)")
            found += [Mention(device.name, alias, "", "", part.start, part) for part in sentences(text) if pattern.search(fold(part.text))]
    return found


def _resolve(family: str, number: str, catalogue: tuple[Model, ...]) -> str | None:
    """The one entry that family and number fit; None when none or several do."""
    fitting = [model for model in catalogue if (not family or model.family == family) and (not number or model.number == number)]
    return fitting[0].name if len(fitting) == 1 else None


def _branded(
    words: list[Token], at: int, catalogue: tuple[Model, ...], families: tuple[str, ...], sentence: Sentence
) -> tuple[Mention, int] | None:
    rest = _brand_rest(words[at].key)
    if rest is None or rest.startswith("print"):
        return None
    used = 1
    letters, number = _cut(rest)
    if not letters and not number and at + used < len(words):
        letters, number = _cut(words[at + used].key)
        following = words[at + used].text
        if not (letters and _family(letters, families)) and not number and not following[0].isupper():
            letters = ""
        else:
            used += 1
    if not number and at + used < len(words):
        more, digits = _cut(words[at + used].key)
        if digits and (not more or len(more) == 1) and len(digits) >= 2 and not _is_quantity(words, at + used):
            number, used = (more if more and not letters else "") + digits, used + 1
    if not letters and not number:
        return None
    family = _family(letters, families) if letters else ""
    end = words[at + used - 1].end
    written = squeeze(sentence.text[words[at].start - sentence.start : end - sentence.start])
    if family is None:  # a model of ours that the catalogue does not list
        named = letters and (number or words[at].text[0].isupper())
        return (Mention(written if named else None, written, "", number, words[at].start, sentence), used)
    name = _resolve(family, number, catalogue)
    if name is None and number and not any(model.number == number for model in catalogue if not family or model.family == family):
        name = written if family else None
    if name is None and number and family == "":
        name = _resolve("", number, catalogue)
    return Mention(name, written, family, number, words[at].start, sentence), used


_LETTERS_AND_DIGITS = re.compile(r"([a-z]*)(\d*)")


def _cut(key: str) -> tuple[str, str]:
    """Leading letters and the digits behind them: `jet3200` -> jet, 3200; `3200` -> ``, 3200."""
    found = _LETTERS_AND_DIGITS.match(key)
    return (found.group(1), found.group(2)) if found else ("", "")


def _is_quantity(words: list[Token], at: int) -> bool:
    return at + 1 < len(words) and words[at + 1].key in _UNIT


def _unbranded(
    words: list[Token], at: int, catalogue: tuple[Model, ...], families: tuple[str, ...], sentence: Sentence
) -> tuple[Mention, int] | None:
    """`UV 6090`, `hybryda 2000`, `3200-tka`, `nasza 3200`: a family with its number, or a number that only a machine has."""
    key = words[at].key
    if (
        not (
            key.isdigit()
            or (
                len(key) >= 2
                and key[0].isalpha()
                and (key[-1].isdigit() or (at + 1 < len(words) and words[at + 1].key.isdigit()) or key.startswith("hybryd"))
            )
        )
        and not key[:4].isdigit()
    ):
        return None
    letters, number = _cut(key)
    used = 1
    if letters and len(letters) >= 2 and not number and at + 1 < len(words):
        number, used = (words[at + 1].key, 2) if words[at + 1].key.isdigit() else ("", 1)
    family = _family(letters, families) if letters and number else None
    if family and any(model.family == family and model.number == number for model in catalogue) and not _foreign_before(words, at):
        written = sentence.text[words[at].start - sentence.start : words[at + used - 1].end - sentence.start]
        return Mention(_resolve(family, number, catalogue), written, family, number, words[at].start, sentence), used
    if words[at].text.isdigit() and key in _numbers(catalogue):
        before = words[at - 1].key if at else ""
        tail = sentence.text[words[at].end - sentence.start :]
        nickname = bool(re.match(r"-?\s?(?:tka|tke|tki|tce|tkę|ka|ke|ki|stka)\b", tail))
        alone = len([word for word in words]) <= 3
        called = before in _BEFORE_NUMBER or in_class(before, "machine")
        if (
            (nickname or alone or _acts(words, at, sentence) or (called and (key != "2000" or in_class(before, "machine"))))
            and not (_is_quantity(words, at) and words[at + 1].key != "w")  # "3200 w ogóle nie rusza"
            and not _foreign_before(words, at)
            and not re.match(r"\s?[-/.,:xX×]\s?\d", tail)
        ):
            return Mention(_resolve("", key, catalogue), words[at].text, "", key, words[at].start, sentence), 1
    match = _NICKNAME.fullmatch(key)
    if match and match.group(1) in _numbers(catalogue):
        return Mention(_resolve("", match.group(1), catalogue), words[at].text, "", match.group(1), words[at].start, sentence), 1
    if _HYBRID.fullmatch(letters) and "hybrid" in families and not any(map(names_other_maker, words)):
        return Mention(_resolve("hybrid", "", catalogue), words[at].text, "hybrid", "", words[at].start, sentence), 1
    return None


_NO_SUM = re.compile(
    r"kosztuj\w*|kosztowal\w*|wynosi\w*|wystarcz\w*|starcz\w*|zostal\w*|czeka\w*|wchodzi|przypada|nalezy|jest|byl\w*|costs?|is|was"
)
_OF_SUMS = frozenset("za ponad okolo ok prawie jakies do po dla wart ca kwota suma cena roku rok minimum max z".split())  # noqa: SIM905
_JOINS = frozenset(["i", "a", "ale", "oraz", "and", "but"])
_BETWEEN = 4  # words that may stand before the verb: "3200 w ogóle nam nie wystartowała"


def _acts(words: Sequence[Token], at: int, sentence: Sentence) -> bool:
    """Whether a bare number does something, as no quantity does: "dziś rano 3200 w ogóle nie wystartowała"."""
    if words[at].key == "2000" or (at and words[at - 1].key in _OF_SUMS):
        return False
    for word in words[at + 1 : at + 2 + _BETWEEN]:
        between = sentence.text[words[at].end - sentence.start : word.start - sentence.start]
        if word.key in _JOINS or not re.fullmatch(r"[\w\s]*", between):
            return False
        kinds = morphology.forms(word.text.lower())
        if any(form.part in ("fin", "praet") for form in kinds):
            alike = [form for form in kinds if "sg" in form.tags and (form.part == "praet" or "ter" in form.tags)]
            neuter = all(form.part == "praet" and not form.tags & {"m1", "m2", "m3", "f"} for form in alike)
            return bool(alike) and not neuter and not _NO_SUM.fullmatch(word.key)
        if (
            any(form.part in ("subst", "adj", "inf") for form in kinds)
            and not any(form.part in ("qub", "part", "adv", "prep") for form in kinds)
            and word.key != "ogole"
        ):
            return False
    return False


_NICKNAME = re.compile(r"(\d{4})t?k[aięe]?")  # 3200-tka


def _foreign_before(words: list[Token], at: int) -> bool:
    return any(map(names_other_maker, words[max(0, at - 3) : at]))


@lru_cache(maxsize=16384)
def is_other_maker(key: str) -> bool:
    """Whether a folded word is the name of another maker of machines."""
    makers = classes()["maker"]
    return key in makers or any(f"{key[:size]}*" in makers for size in range(2, len(key) + 1))


def names_other_maker(token: Token) -> bool:
    """Whether a word of a mail is another maker's name; "sharp" and "my brother" are none."""
    return is_other_maker(token.key) and not (token.key in _MAKER_WORDS and token.text.islower())


def find_other_makers(*texts: str) -> list[Token]:
    """The words that name other makers."""
    return [token for text in texts for sentence in sentences(text) for token in sentence.words if names_other_maker(token)]


_ASIDE = re.compile(
    r"\b(?:drug\w+|inn\w+|obok|zapasow\w+|zamienn\w+|pozostal\w+|natomiast|other|another|second|spare|next to|"
    r"przenie\w+|przerzuc\w+|rowniez mamy|mamy tez|mamy jeszcze|also have|oprocz|poza)\b"
)
_WELL = re.compile(r"\b(?<!nie )(?:dziala\w*|sprawn\w+|bez problem\w+|bez zarzutu|ok|normalnie|dobrze|fine|works?|przejela?|przejal)\b")


def choose_device(mentions: Sequence[Mention]) -> Mention | None:
    """The machine that the mail is about: the broken one of several; a mention that fits one entry only beats a bare series name."""
    named = [mention for mention in mentions if mention.name]
    if len({mention.name for mention in named}) <= 1:
        return named[0] if named else _combined(mentions)

    def score(mention: Mention) -> tuple[int, int]:
        words = fold(mention.sentence.text)
        start = mention.at - mention.sentence.start
        clause = _clause(words, start)
        near = words[max(0, start - 30) : start]
        points = 2 * any(
            hit.meaning in ("symptom", "defect")
            for hit in hits(mention.sentence, ("symptom",))
            if _same_clause(hit.sentence.text, start, hit.sentence.tokens[hit.first].start - hit.sentence.start)
        )
        points -= 6 * bool(re.search(r"\b(?:nie|not)(?: jest| chodzi| to| o| byl| the| a)*\s*(?:\w+\s)?$", near))
        points -= 3 * bool(_ASIDE.search(near)) + 2 * bool(_WELL.search(clause) and not re.search(r"\bnie\b|\bnot\b|n't", clause))
        return -points, mention.at

    return min(named, key=score)


def catalogue_name(text: str, devices: tuple[Device, ...]) -> str:
    """The catalogue's name for a machine that somebody wrote their own way; what fits no entry, or several, stays as written."""
    chosen = choose_device(find_mentions(text, devices))
    return chosen.name if chosen and chosen.name else text


def _clause(words: str, at: int) -> str:
    start = max(words.rfind(mark, 0, at) for mark in (",", ";", " – ", " - ", "("))
    ends = [end for mark in (",", ";", " – ", " - ", ")") if (end := words.find(mark, at)) >= 0]
    return words[start + 1 : min(ends, default=len(words))]


def _same_clause(text: str, one: int, other: int) -> bool:
    low, high = sorted((one, other))
    return not re.search(r"[,;–()]| - | ale | a | i ", text[low:high])


def _combined(mentions: Sequence[Mention]) -> Mention | None:
    """A series named in one place and a number in another: "oxi tex … nasza 1800"."""
    return mentions[0] if mentions else None


def complete(mentions: Sequence[Mention], devices: tuple[Device, ...]) -> str | None:
    """The entry that a family and a number named apart fit together; None when they do not fit exactly one."""
    families = {mention.family for mention in mentions if mention.family}
    numbers = {mention.number for mention in mentions if mention.number}
    if len(families) == 1 and len(numbers) == 1:
        return _resolve(families.pop(), numbers.pop(), models(devices))
    return None
