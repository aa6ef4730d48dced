"""Whose firm a mail names: the words around it that give it to a customer, a supplier, kin or the past (`whose_firm.txt`)."""

from __future__ import annotations

import re
from functools import cache

from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import table
from mailbot.rules.reading.layout import words_of
from mailbot.rules.reading.person import CAPITAL, Name, whole_name
from mailbot.rules.reading.words import fold

_PLACES = {
    "before": r"[,:]?\s*$",
    "former": r"\s+(?:\w+\s+){0,2}$",
    "near": r"\b[^.]{0,30}$",
    "kin": r"\s+(?:\w+\s+){0,3}$",
    "told": r"\b",
    "renamed": r"\b",
}
"""What stands between the words of a role and the name, which begins where the text ends; the last two may stand anywhere."""


@cache
def _pattern(role: str) -> re.Pattern[str]:
    said = "|".join(pattern for name, pattern, _ in table("whose_firm") if name == role)
    return re.compile(rf"\b(?:{said}){_PLACES[role]}")


def plays(role: str, folded: str) -> bool:
    """Whether a folded text has words of a role: all before a name, or for `told` and `renamed` its whole line."""
    return bool(_pattern(role).search(folded))


def is_anothers(before: str, *, near: bool = True) -> bool:
    """Whether folded words before a name make the firm a customer's, a supplier's or one of the past; `near` asks for looser signs too."""
    return plays("before", before) or plays("former", f"{before.rstrip()} ") or (near and plays("near", before))


_PAIR = re.compile(rf"(?<![\w-])({CAPITAL}[^\W\d_]+) ({CAPITAL}[^\W\d_-]+)")
_WE_DID = re.compile(r"(?:[lł][ae]m|[lł]em|liśmy|łyśmy|lismy|lysmy)$")
_SENTENCE = re.compile(r"(?<=\w{3})[.!?]\s|\n|;")


def tells_of_another(before: str, writer: Name | None) -> bool:
    """Whether what a sentence says before a firm is of somebody else: "Serwisował ją Piotr Wrona z …", "Wcześniej pracowała w …"."""
    said = _SENTENCE.split(before)[-1]
    own = {fold(half) for half in (writer.first, writer.last) if half} if writer else set()
    if any(whole_name(pair.group()) and not {fold(part) for part in pair.groups()} & own for pair in _PAIR.finditer(said)):
        return True
    verbs = (word for word in words_of(said) if morphology.is_third_person(word))
    return any(not _WE_DID.search(word.lower()) for word in verbs)
