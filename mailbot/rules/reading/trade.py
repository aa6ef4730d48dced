"""Words made up from a trade's own: "Banerland", "Naklejkomat", "Kłos-Druk". They name a firm."""

from __future__ import annotations

import re
from functools import cache

from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import classes, table
from mailbot.rules.reading.words import fold

_MORE = 2  # letters that a made-up word has beside the stem


@cache
def _stems() -> re.Pattern[str]:
    return re.compile("|".join(stem for stem, _ in table("trade_stems")))


@cache
def _things() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{ending})$" for ending, _ in table("trade_things")))


@morphology.remembered
def is_made_up(word: str) -> bool:
    """Whether a word that no dictionary has is built on the stem of a trade, or joins one by a dash: "Agro-Baner"; no thing or act."""
    if _things().search(fold(word)):
        return False  # the dictionary lacks "Foliowarka" and "Printhead" as well
    parts = [part for part in word.split("-") if part]
    if len(parts) > 1:
        trade = any(_stems().search(fold(part)) or fold(part) in classes()["firm_ending"] for part in parts)
        told = any(part[0].islower() and morphology.is_third_person(part) for part in parts[1:])  # "Druk-zacina"
        return trade and not told and not all(morphology.is_surname(part) for part in parts)
    bare = word.rstrip("0123456789")
    found = _stems().search(fold(bare))
    if found is None or bare.endswith(_NONE):
        return False
    if morphology.is_known(bare) or morphology.is_known(bare.lower()):
        return len(bare) + 1 < len(word)  # "Ramki24"; "Kolor1" is the first of several
    return len(bare) >= len(found.group()) + _MORE


_NONE = (  # surnames, adjectives
    *("ski", "cki", "ska", "cka", "icz", "czyk", "son", "sen", "owy", "owa", "owe", "owej", "owego", "owych"),
    *("poulos", "akis", "idis", "aitis", "aite", "aitė", "iene", "ienė", "enko", "escu", "yan", "shvili"),
)
