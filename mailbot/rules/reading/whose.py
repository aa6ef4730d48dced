"""Whose firm a mail names: the words around it that give it to a customer, a supplier, kin or the past (`whose_firm.txt`)."""

from __future__ import annotations

import re
from functools import cache

from mailbot.rules.reading.cues import table

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
