"""Polish names brought to the nominative, by the dictionary or by their ending."""

from __future__ import annotations

import re

from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.words import fold


def repair_case(word: str) -> str:
    """KOWALSKI -> Kowalski, kowalska-nowak -> Kowalska-Nowak; McInkwell stays."""
    if word.isupper() or word.islower():
        return "-".join(part[:1].upper() + part[1:].lower() for part in re.split(r"-", word)) if "'" not in word else word.title()
    return word


def nominative_first(word: str) -> str | None:
    """A first name brought to the nominative; None when the word is no first name the dictionary knows."""
    found = [form for form in morphology.forms(repair_case(word)) if morphology.FIRST_NAME in form.kinds]
    if any("nom" in form.tags and "sg" in form.tags for form in found):
        return repair_case(word)
    singular = [form for form in found if "sg" in form.tags]
    return max((form.lemma for form in singular), key=len, default=None)  # "Jacka" is Jacek rather than Jack


def nominative_last(word: str, female: bool) -> str:
    """A surname brought to the nominative by the dictionary, else by its ending."""
    surnames = [form for form in morphology.forms(repair_case(word)) if morphology.SURNAME in form.kinds and "sg" in form.tags]
    gender = "f" if female else "m1"
    for form in surnames:
        if gender in form.tags and "nom" not in form.tags:
            return form.lemma
    for form in surnames:
        if gender in form.tags:
            return form.lemma
    return _by_ending(repair_case(word), female)


_FEMALE_ENDINGS = (
    ("skiej", "ska"),
    ("ckiej", "cka"),
    ("dzkiej", "dzka"),
    ("ską", "ska"),
    ("cką", "cka"),
    ("dzką", "dzka"),
    ("skiej", "ska"),
    ("owej", "owa"),
    ("ową", "owa"),
    ("nej", "na"),
    ("ną", "na"),
    ("iej", "ia"),
    ("ią", "ia"),
    ("ą", "a"),
    ("ę", "a"),
    ("ki", "ka"),
    ("gi", "ga"),
    ("ce", "ka"),
    ("dze", "ga"),
    ("ni", "nia"),
    ("y", "a"),
    ("ie", "a"),
)
_MALE_ENDINGS = (
    ("skiego", "ski"),
    ("ckiego", "cki"),
    ("dzkiego", "dzki"),
    ("skiemu", "ski"),
    ("ckiemu", "cki"),
    ("skim", "ski"),
    ("ckim", "cki"),
    ("dzkim", "dzki"),
    ("ego", "y"),
    ("emu", "y"),
    ("ym", "y"),
    ("kiem", "k"),
    ("giem", "g"),
    ("iem", ""),
    ("em", ""),
    ("owi", ""),
    ("ą", "a"),
    ("ę", "a"),
    ("a", ""),
)


def _by_ending(word: str, female: bool) -> str:
    for ending, nominative in _FEMALE_ENDINGS if female else _MALE_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            if (
                not female
                and ending == "a"
                and morphology.forms(word)
                and any("nom" in form.tags and form.part == "subst" for form in morphology.forms(word.lower()))
            ):
                return word
            return word[: -len(ending)] + nominative if ending else word
    return word


def _lemma_common(word: str) -> str | None:
    """The nominative of a surname that is an ordinary word: Kleksem -> Kleks."""
    for form in morphology.forms(word.lower()):
        if form.part in {"subst", "adj"} and "sg" in form.tags:
            return form.lemma
    return None


def to_nominative(first: str, last: str | None, governed: bool) -> tuple[str, str | None]:
    """First and last name in the nominative. `governed`: the place asks for another case ("dzwonić do …", "z …")."""
    nominative = nominative_first(first)
    inflected = governed and nominative is not None and nominative != repair_case(first)
    female = (nominative or first).lower().endswith("a") and (nominative or first).lower() not in {
        "kuba",
        "barnaba",
        "bonawentura",
        "kosma",
        "jarema",
    }
    given = nominative or repair_case(first)
    if not governed or last is None:
        return given, repair_case(last) if last else None
    if (
        not inflected
        and nominative is not None
        and not any("nom" not in form.tags for form in morphology.forms(repair_case(first)) if morphology.FIRST_NAME in form.kinds)
    ):
        return given, repair_case(last)
    if not inflected and nominative is None and not morphology.available():
        given = _by_ending(repair_case(first), first.lower().endswith(("ą", "y", "i", "ę")))
    surname = nominative_last(last, female)
    if (
        surname == repair_case(last)
        and morphology.available()
        and not any(morphology.SURNAME in form.kinds for form in morphology.forms(repair_case(last)))
    ):
        common = _lemma_common(last)
        if common:
            surname = common.capitalize()
    elif (
        morphology.available()
        and not any(morphology.SURNAME in form.kinds for form in morphology.forms(repair_case(last)))
        and (common := _lemma_common(last))
    ):
        surname = common.capitalize()
    return given, surname


@morphology.remembered
def is_kind_of_firm(word: str) -> bool:
    """Whether a word, in any case, says what kind of firm or institution it is: "Drukarni", "Domu", "Museum"."""
    keys = {fold(word), *(fold(form.lemma) for form in morphology.forms(word.lower()) if form.part == "subst")}
    return any(key.endswith(_WORKSHOP) or in_class(key, "companyword") or in_class(key, "public_body") for key in keys)


_WORKSHOP = ("arnia", "ernia", "alnia", "ownia")  # where something is made or sold: "hafciarnia", "plakatownia"


_ABBREVIATED = 4  # letters of a word in capitals that is read letter by letter: "PUH"


def nominative_name(name: str, *, governed: bool = False) -> str:
    """The kind of firm, and the adjectives around it, in the nominative: "Agencji Reklamowej Banan" -> "Agencja Reklamowa Banan".

    `governed`: a preposition before it asks for another case, so that any noun may stand in it: "z Tapicerki Sznurek", "w Białej Wronie".
    """
    words = name.split()
    if governed and len(words) == 3 and words[1] == "i":  # "Koloru i Kropki"
        return f"{nominative_name(words[0], governed=True)} i {nominative_name(words[2], governed=True)}"
    if (len(words) < 2 and not governed) or not (governed or is_kind_of_firm(words[0])):
        return name
    head = _head(words) if governed else 0
    if words[head].isupper() and len(words[head]) <= _ABBREVIATED:
        return name
    noun = _noun(words, head, governed)
    if noun is None:
        return name
    nominative, ending = noun[0].lower(), noun[1]
    words[head] = nominative.upper() if words[head].isupper() else nominative.capitalize() if words[head][0].isupper() else nominative
    for at in (*range(head), *range(head + 1, len(words))):
        adjective = next((_positive(form, words[at]) for form in _adjectives(words[at])), None)
        if not adjective or (at > head and _belongs_to_next(words, at)):
            break
        said = _adjective(adjective, ending)
        words[at] = said.upper() if words[at].isupper() else said.capitalize() if words[at][0].isupper() else said
    return " ".join(words)


def _head(words: list[str]) -> int:
    """The place of the noun behind the adjectives that open a name in another case: "Wielkiej Litery"."""
    for at, word in enumerate(words[:-1]):
        if not _belongs_to_next(words, at) or any("nom" in form.tags for form in _adjectives(word)):
            return at
    return len(words) - 1


def _belongs_to_next(words: list[str], at: int) -> bool:
    """Whether an adjective stands in the case of the word behind it: "Kreatywnego Druku"."""
    if at + 1 == len(words):
        return False
    adjectives = [form.tags for form in _adjectives(words[at])]
    following = morphology.forms(words[at + 1].lower()) or (_without_accents(words[at + 1]) if adjectives else ())
    behind = [form.tags for form in following if form.part in ("subst", "adj")]
    return any(morphology.agree(one, other, _OBLIQUE) for one in behind for other in adjectives)


def _noun(words: list[str], head: int, governed: bool) -> tuple[str, str] | None:
    """The nominative of a noun, and the ending that an adjective takes beside it; None where it stands in the nominative, or is unknown."""
    found = [form for form in morphology.forms(words[head].lower()) if form.part == "subst"]
    if head:  # in the case, number and gender of the adjective before it
        found = found or [form for form in _without_accents(words[head]) if form.part == "subst"]
        beside = [form.tags for form in _adjectives(words[head - 1])]
        found = [form for form in found if any(morphology.agree(form.tags, tags, _OBLIQUE) for tags in beside)]
    single = [form for form in found if "sg" in form.tags and not (head and "nom" in form.tags)]
    if not single:
        plural = _plural(words[head]) if governed else None
        return (plural, "e") if plural else None
    if not head and any("nom" in form.tags and ("sg" in form.tags or not governed) for form in found):
        return _unchanging(words, single) if governed else None
    return single[0].lemma, next((ending for tag, ending in (("f", "a"), ("n", "e")) if tag in single[0].tags), "")


def _unchanging(words: list[str], found: list[morphology.Form]) -> tuple[str, str] | None:
    """A noun that is the same in every case, when the adjective behind it shows that it is not the nominative: "Muzeum Narodowego"."""
    if len(words) < 2 or not {"nom", "gen", "loc", "n"} <= frozenset().union(*(form.tags for form in found)):
        return None
    behind = [form.tags for form in morphology.forms(words[1].lower()) if form.part == "adj"]
    return (words[0], "e") if behind and not any("nom" in tags for tags in behind) else None


_OBLIQUE = morphology.CASES - {"nom"}


def _positive(form: morphology.Form, word: str) -> str:
    """The lemma of an adjective in its own degree: "Wyższej" is wyższy, not wysoki."""
    return f"{word.lower().rpartition('sz')[0]}szy" if "com" in form.tags else form.lemma


_OF_NOUNS = {
    "owej": frozenset(["sg", "f", "gen", "dat", "loc"]),
    "owego": frozenset(["sg", "m1", "m2", "m3", "n", "gen"]),
    "owym": frozenset(["sg", "m1", "m2", "m3", "n", "inst", "loc"]),
    "owych": frozenset(["pl", "gen", "loc"]),
}
"""The endings of adjectives that are made of a noun, as any noun of a trade may be: "Banerowej"."""


def _adjectives(word: str) -> list[morphology.Form]:
    """The readings of a word as an adjective; by its ending where no dictionary has it."""
    found = morphology.forms(word.lower())
    if not found and word.endswith(_OF_ADJECTIVES):
        found = _without_accents(word)
    guessed = [
        morphology.Form(word.lower()[: -len(ending)] + "owy", "adj", tags, ())
        for ending, tags in _OF_NOUNS.items()
        if word.endswith(ending)
    ]
    return [form for form in found if form.part == "adj"] if found else guessed


_OF_ADJECTIVES = ("ej", "ego", "ym", "ych", "im", "ich")


def _without_accents(word: str) -> tuple[morphology.Form, ...]:
    """The readings of a word whose accents haste left out, their lemmas without them as well: "wesolej", "Scian"."""
    known = next((found for other in morphology.accented(word.lower()) if (found := morphology.forms(other))), ())
    return tuple(morphology.Form(fold(form.lemma), form.part, form.tags, form.kinds) for form in known)


def _adjective(lemma: str, ending: str) -> str:
    """The nominative of an adjective beside a noun: reklamowy, "a" -> reklamowa; wielki, "e" -> wielkie."""
    if not ending:
        return lemma
    soft = lemma.endswith("i") and (ending == "e" or not lemma.endswith(("ki", "gi")))  # gęsi, gęsia, gęsie; wielki, wielka, wielkie
    return f"{lemma}{ending}" if soft else lemma[:-1] + ending


def _plural(word: str) -> str | None:
    """The nominative of a noun in another case of the plural: "Tapetach" -> "Tapety"."""
    for form in morphology.forms(word.lower()):
        if form.part != "subst" or "nom" in form.tags:
            continue
        for ending in ("y", "i", "e", "a"):
            for stem in (form.lemma, form.lemma[:-1]):
                if any(other.lemma == form.lemma and {"nom", "pl"} <= other.tags for other in morphology.forms(stem + ending)):
                    return (stem + ending).capitalize()
    return None


_MADE_UP_ENDINGS = (
    ("oteki", "oteka"),
    ("otece", "oteka"),
    ("iska", "isko"),
    ("isku", "isko"),
    ("owa", "owo"),
    ("atu", "at"),
    ("aku", "ak"),
)


def _of_made_up(word: str) -> str | None:
    """The nominative of a made-up word that is declined like the ones that it imitates: "Drukoteki", "Szyldowiska", "Ramkowa"."""
    return next((word[: -len(ending)] + base for ending, base in _MADE_UP_ENDINGS if word.endswith(ending)), None)


_CASE_ENDINGS = ("owi", "iem", "em", "ie", "u", "a", "y", "ą", "ę")


def without_case(name: str, labels: tuple[str, ...], text: str, *, governed: bool = False) -> str:
    """A made-up name without its ending, where the address or another place of the mail has it so: "w Folmaxie", folmax.example.

    `governed`: a preposition before it asks for another case, so that "-u" behind a consonant is an ending: "z Folpaku".
    """
    words = name.split()
    if governed and words and is_made_up(words[0]) and (base := _of_made_up(words[0])):
        return " ".join([base, *words[1:]])
    last = words[-1] if words else ""
    if governed and re.search(r"(?i)\w{3}[bcdfghjklmnprstwxzł]u$", last) and not (last.isupper() or morphology.is_known(last)):
        return " ".join([*words[:-1], last[:-1]]) if fold(last) not in labels else name
    if not last.isalpha() or morphology.is_known(last) or last.isupper():
        return name
    if last.endswith(("arni", "erni", "alni", "owni")):
        return f"{name}a"
    if governed and last.endswith("ii") and len(last) > 5:  # Banerolandii
        return f"{name[:-1]}a"
    for ending in _CASE_ENDINGS:
        base = last[: -len(ending)]
        if last.endswith(ending) and len(base) >= 4:
            told = any(fold(base) == label[-len(base) :] or fold(base) == label[: len(base)] for label in labels)
            if fold(last) not in labels and (told or re.search(rf"(?<!\w){re.escape(base)}(?!\w)", text) or base.endswith("x")):
                return " ".join([*words[:-1], base])
    return name
