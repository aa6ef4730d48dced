"""A person's name on a line or in a From header, and one person out of several places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import classes, in_class, table
from mailbot.rules.reading.inflect import repair_case
from mailbot.rules.reading.layout import (
    FIRM_PREFIX,
    has_legal_form,
    is_department,
    is_initials,
    is_job_title,
    is_place,
    words_of,
)
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.words import fold

CAPITAL = r"[A-ZŁŚŻŹĆÓŃÁÉÍÖÜÄÅØŠČŽ]"
_PIECE = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_PARTICLES = frozenset(
    [
        *(
            "von",
            "van",
            "zu",
            "zum",
            "zur",
            "der",
            "den",
            "ten",
            "ter",
            "de",
            "da",
            "do",
            "dos",
            "das",
            "di",
            "del",
            "della",
            "la",
            "le",
            "du",
        ),
        *("des", "al", "el", "bin", "bint", "ibn", "abu", "ben", "ni", "nic", "mac", "mc", "o", "st", "san", "santa", "af", "av", "'t"),
    ]
)
"""Small words that begin a family name, folded: "van der Meer", "Ní Bhriain", "bin Rashid"."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name as far as given."""

    first: str | None
    last: str | None
    text: str
    where: Where
    correction: bool = False

    @property
    def full(self) -> bool:
        """Whether both halves are there."""
        return bool(self.first and self.last)


_NO_NAME = tuple(
    re.compile(pattern)
    for pattern in (
        r"\((?:[^()]{0,60})\)|\[[^\]]{0,60}\]",
        r"(?i)(?<![\w.])(?:i\.\s?[av]\.|p\.p\.|ppa\.)\s",  # signed on behalf, in German
        r"(?<![\w.])(?:[Kk]s|ppłk|płk|mjr|kpt|por|ppor|asp|sierż|podkom|kom|nadkom|st|mł|red|adw|mec|arch|dypl|bp|[Mm]ag)\.\s",
        r"(?i)(?<!\w)(?:dr hab|dr|inż|mgr|prof|lic|hab|mr|mrs|ms|miss|sir|pan|pani|p|herr|frau|dipl|ing|arch|tech|"
        r"eng)\b\.?(?:-ing\.?)?(?=\s|,|/)\s*,?",
        r"(?i)(?:,|\s)\s*(?:ph\.?d|mba|msc|m\.sc|bsc|junior|jr|senior)\b\.?",
    )
)
"""Brackets, titles and degrees around a name."""


@lru_cache(maxsize=1024)
def _cleaned(text: str) -> str:
    if not text.isalpha():  # a single word is no title
        for pattern in _NO_NAME:
            text = pattern.sub(" ", text)
    return text


@lru_cache(maxsize=1024)
def pieces(text: str) -> tuple[str, ...]:
    """The words of a name line, titles dropped."""
    return tuple(_PIECE.findall(_cleaned(text)))


_ADDRESS_MARKS = re.compile(r"[._\-+\d]+")
_NO_LINE_OF_A_NAME = re.compile(r"[@\d]|https?:")
_WITH_TRADE = re.compile(r"([A-ZŁŚŻĆ][^\W\d_]+)\s([a-ząćęłńóśźż]{4,})$")
_TWO_PEOPLE = re.compile(r"\s(?:i|oraz|and|&|\+)\s")


def address_words(local_part: str) -> list[str]:
    """The words of the part of an address before the "@", folded: "jan.kowalski2" is jan and kowalski."""
    return _ADDRESS_MARKS.split(fold(local_part))


@morphology.remembered
def as_name(text: str, where: Where, *, trust: bool = False, local_part: str = "") -> Name | None:
    """A line, or a From name, as a person's name, else None. `trust`: the place says that it is one (a label, an introduction)."""
    stripped = text.strip(" \t*_\"'„”,.;:!/\\|–-~")
    if not stripped or _NO_LINE_OF_A_NAME.search(stripped) or is_initials(stripped) or FIRM_PREFIX.match(stripped):
        return None
    comma = [part.strip() for part in _cleaned(stripped).split(",") if part.strip()]
    if head := _before_trade(stripped, comma):
        return as_name(head, where, trust=trust, local_part=local_part)
    if len(comma) == 2 and (name := _around_comma(comma, stripped, where)):
        return name
    if _TWO_PEOPLE.search(stripped) and not trust:
        return None  # two people
    words = list(pieces(stripped))
    if not words or len(words) > 5 or any(len(word) > 25 for word in words):
        return None
    said = next((at for at, word in enumerate(words) if word in _PREPOSITIONS and f"{word}." not in stripped), len(words))
    words = words[:said]  # "zbyszek z naklejkarni"
    whole = [word for word in words if not _is_initial(word, stripped)]
    if len(whole) < len(words) and len(words) <= 3:
        if len(whole) != 1:
            words = whole
        elif words[0] in whole:  # "Marek W."
            theirs = {fold(whole[0]), fold("".join(words))} & set(address_words(local_part))
            return _single(whole[0], stripped, where, trust or bool(theirs))
        else:  # "J. Kowalski"
            return Name(None, repair_case(whole[0]), stripped, where) if whole[0][0].isupper() and not _is_firm_word(whole[0]) else None
    if not words:
        return None
    if len(words) == 1:
        whole_address = where is Where.SENDER and fold(words[0]) == fold(local_part)  # "maps <maps@…>" is nobody
        known_address = not whole_address and fold(words[0]) in address_words(local_part)
        return _single(words[0], stripped, where, trust or known_address or (not morphology.available() and words[0].istitle()))
    if not trust and not _is_name_like(words, local_part):
        return None
    return _ordered(words, stripped, where)


def _before_trade(text: str, parts: list[str]) -> str | None:
    """What stands before somebody's trade in small letters: "Gabrysia, organistka", "Darek oklejanie"."""
    if len(parts) == 2 and parts[0][0].isupper() and parts[1][0].islower() and morphology.is_known(parts[1].split()[-1]):
        return parts[0]
    found = _WITH_TRADE.match(text)
    return found.group(1) if found and is_given_name(found.group(1)) and morphology.is_common_word(found.group(2)) else None


def _around_comma(parts: list[str], text: str, where: Where) -> Name | None:
    """Surname and first name on the two sides of a comma: "Kowalski, Jan"."""
    if any(len(pieces(part)) != 1 for part in parts) or has_legal_form(text) or is_department(parts[1]) or is_job_title(parts[1]):
        return None
    last, first = (pieces(part)[0] for part in parts)
    if is_given_name(last) and not is_given_name(first):
        first, last = last, first
    return Name(repair_case(first), repair_case(last), text, where)


def whole_name(text: str) -> Name | None:
    """Both halves of somebody's name, when the words are no more than that and begin with a first name."""
    name = as_name(text, Where.TEXT)
    return name if name and name.full and is_given_name(words_of(text)[0]) else None


def is_particle(word: str) -> bool:
    """Whether a word begins a family name of several words: "van", "de", "Ní"."""
    return fold(word) in _PARTICLES


def is_given_name(word: str) -> bool:
    """Whether a word is a first name in the nominative: one of the dictionary, or a familiar or foreign form that it lacks."""
    if morphology.is_first_name(word) or (word.endswith(_FAMILIAR) and morphology.is_name_form(word)):
        return True
    return word[:1].isupper() and (fold(word) in _SHORT or fold(word) in _MORE)


_FAMILIAR = ("chu", "siu", "ziu", "niu", "ciu")  # the case of address, with which friends sign: "Zdzichu", "Heniu"
_PREPOSITIONS = frozenset(["z", "ze", "w", "u", "od", "from", "at"])


def _is_initial(word: str, text: str) -> bool:
    """Whether a word of a name is but its first letters: "J.", "K", "Cz."."""
    return len(word) == 1 or (len(word) == 2 and word[0].isupper() and re.search(rf"(?<!\w){word}\.", text) is not None)


def _is_firm_word(word: str) -> bool:
    return any(in_class(fold(word), kind) for kind in ("department", "companyword", "greeting", "own", "title"))


def _is_plain(word: str) -> bool:
    """Whether a word, as it stands, is an ordinary noun or adjective and no name."""
    return morphology.is_common_word(word) and any("nom" in form.tags for form in morphology.forms(word.lower()))


def _is_no_nominative(word: str) -> bool:
    """Whether a word is a first name in another case, or a verb: nobody signs with it."""
    return not is_given_name(word) and (
        morphology.is_name_form(word) or (morphology.is_finite_verb(word) and not morphology.is_surname(word))
    )


def _single(word: str, text: str, where: Where, trust: bool) -> Name | None:
    if (
        len(word) < 2
        or in_class(fold(word), "department")
        or in_class(fold(word), "greeting")
        or in_class(fold(word), "companyword")
        or in_class(fold(word), "own")
    ):
        return None
    if "_" in text or re.search(r"\d", text):
        return None
    if is_given_name(word):
        return Name(repair_case(word), None, text, where)
    if is_made_up(word) and not (trust and where is Where.SENDER):
        return None
    if morphology.is_surname(word) and not (morphology.is_common_word(word) or is_place(word) or is_nickname(word)):
        return Name(None, repair_case(word), text, where)
    if trust and not (word.isupper() or morphology.is_common_word(word) or morphology.is_finite_verb(word) or is_nickname(word)):
        return Name(repair_case(word), None, text, where)
    return None


def is_nickname(word: str) -> bool:
    """Whether a word that stands alone is how somebody is: "Gruby", "Rudy"."""
    return not word.lower().endswith(("ski", "cki", "ska", "cka")) and any(
        form.part == "adj" and {"nom", "sg"} <= form.tags for form in morphology.forms(word.lower())
    )


_FIRM_ENDINGS = classes()["firm_ending"]


def _is_name_like(words: list[str], local_part: str) -> bool:
    """Whether two or more words look like a person: a known first name, or the local part of the address says so, or foreign words."""
    folded = [fold(word) for word in words]
    if has_legal_form(" ".join(words)) or any(in_class(word, "maker") or word.startswith("oxi") for word in folded):
        return False
    known = [is_given_name(word) for word in words]
    local = address_words(local_part)
    ordinary = all(morphology.is_common_word(word) for word in words)  # a firm's address agrees with its name as well: "Kolor Dnia"
    if len(words) == 2 and set(folded) <= set(local) and not (ordinary or any(_is_firm_word(word) for word in words)):
        return True
    if len(words) == 2 and known[0] and words[1][0].isupper() and folded[1] not in _FIRM_ENDINGS and not in_class(folded[1], "department"):
        return True
    lowered = [word[0].islower() for word in words if not is_particle(word)]
    if any(lowered) and not (all(lowered) and len(lowered) <= 2):
        return False
    if any(_is_firm_word(part) for word in words for part in re.split(r"['’-]", word)):
        return False
    if _agrees(folded, local) and not ordinary:
        return True
    coined = is_made_up(words[0]) and not (known[-1] and len(words) == 2 and words[0].isalpha())  # "Foliot Gilbert" is called so
    if coined or _is_abbreviated(words) or (_is_no_nominative(words[0]) and not any(known)):
        return False
    if any(known):
        return True
    if any(lowered) or all(morphology.is_known(word.lower()) for word in words):  # "Nocna Zmiana": surnames as well, but nobody's name
        return False
    if any(word in local for word in folded):
        return not _is_plain(words[0]) or (folded[0] in local and not all(morphology.is_known(word) for word in words))
    if is_place(words[0]) or is_place(words[-1]):
        return False
    if morphology.available():
        common = [morphology.is_common_word(word) for word in words if not is_particle(word)]
        return bool(common) and not common[0] and len(words) in (2, 3, 4) and not (len(common) >= 3 and common[1])
    return len(words) in (2, 3)


_MIXED_CASE = re.compile(r"[a-ząćęłńóśźż]\w*[A-ZŁŚŻ](?!\w{3})|^[A-ZŁŚŻ]{2,}[a-ząćęłńóśźż]")  # "CKiS", "AGDruk"


def _is_abbreviated(words: list[str]) -> bool:
    """Whether words rather name a firm: an abbreviation such as "CKiS" or, before another word, "GOK"; a firm before its owner's name."""
    if fold(words[0]) in _PARTICLES - {"al", "ben"}:
        return True
    if any(map(_MIXED_CASE.search, words)):
        return True
    short = len(words[0]) <= 4 and words[0].isupper() and not morphology.is_surname(words[0])
    if short and not all(word.isupper() for word in words) and not any(is_given_name(word) for word in words):
        return True
    return len(words) == 3 and is_given_name(words[1]) and not (is_given_name(words[0]) or morphology.is_surname(words[0]))


def _agrees(folded: list[str], local: list[str]) -> bool:
    """Whether all words of a name stand in the local part of the address, or their initials do: m.krupa, mkrupa, marzannakrupa."""
    joined = "".join(local)
    spelt = {"".join(folded), "".join(reversed(folded)), folded[0][0] + folded[-1], folded[-1] + folded[0][0], folded[0] + folded[-1][0]}
    return len(joined) >= 4 and (joined in spelt or set(folded) <= set(local))


def _ordered(words: list[str], text: str, where: Where) -> Name:
    upper = [len(word) > 1 and word.isupper() for word in words]
    known = [is_given_name(word) for word in words]
    cut = next((at for at, word in enumerate(words[:-1]) if at and fold(word) in _PARTICLES), None)
    if cut:
        first, last = words[:cut], words[cut:]
    elif (
        (len(words) == 2 and upper[0] and not upper[1])
        or (
            known[-1]
            and not known[0]
            and not upper[-1]
            and len(words) == 2
            and (morphology.is_surname(words[0]) or all(upper) or not morphology.is_surname(words[-1]))
        )
        or (all(upper) and known[-1] and not known[0] and len(words) == 2)
    ):
        first, last = words[1:], words[:1]
    elif len(words) >= 3 and all(known[:2]) and not known[2]:
        first, last = words[:1], words[2:]
    elif len(words) >= 3 and not known[1] and known[0]:
        firm = morphology.is_surname(words[1]) and any(map(is_made_up, words[2:]))  # "Paweł Gruszka Agro-Baner"
        first, last = words[:1], words[1:2] if firm else words[1:]
    elif len(words) >= 3:
        first, last = words[:1], words[-1:]
    else:
        first, last = words[:1], words[1:]
    return Name(
        " ".join(repair_case(word) for word in first) or None,
        " ".join(word if fold(word) in _PARTICLES and not word.isupper() else repair_case(word) for word in last) or None,
        text,
        where,
    )


def reconcile(signature: Name | None, sender: Name | None) -> Name | None:
    """One person out of the signature and the From name: the fuller wins where both can be the same person."""
    if signature is None or sender is None:
        return signature or sender
    if signature.full or not sender.full:
        if not signature.full and not sender.full and signature.first and not signature.last and sender.last and not sender.first:
            return Name(signature.first, sender.last, signature.text, signature.where)
        return signature
    mine = fold(signature.first or signature.last or "")
    if signature.last and same_first_name(signature.last, sender.first or ""):
        return sender
    if signature.first and same_first_name(signature.first, sender.first or ""):
        return sender
    if signature.last and mine == fold(sender.last or ""):
        return sender
    return signature


def same_first_name(one: str, other: str) -> bool:
    """Whether two first names can be one person's: equal, or one a short form of the other (Bart, Bartholomew; Kasia, Katarzyna)."""
    a, b = fold(one), fold(other)
    return (
        a == b
        or a[:3] == b[:3]
        or (a[:2] == b[:2] and (a.endswith(("ek", "ka", "sia", "zia", "cia", "s", "y"))))
        or b in _SHORT.get(a, ())
        or a in _SHORT.get(b, ())
    )


def _short_forms() -> dict[str, tuple[str, ...]]:
    return {fold(short): tuple(fold(word) for word in full.split()) for short, full in table("short_names")}


_SHORT = _short_forms()
_MORE = classes()["given_name"]
