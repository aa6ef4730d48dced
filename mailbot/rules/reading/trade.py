"""Words made up from a trade's own: "Banerland", "Naklejkomat", "Kłos-Druk". They name a firm, and nobody is called so."""

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


@morphology.remembered
def is_made_up(word: str) -> bool:
    """Whether a word that no dictionary has is built on the stem of a trade, or joins one by a dash: "Agro-Baner"."""
    parts = [part for part in word.split("-") if part]
    if len(parts) > 1:
        trade = any(_stems().search(fold(part)) or fold(part) in classes()["firm_ending"] for part in parts)
        return trade and not all(morphology.is_surname(part) for part in parts)
    bare = word.rstrip("0123456789")
    found = _stems().search(fold(bare))
    if found is None or bare.endswith(_NONE):
        return False
    if morphology.is_known(bare) or morphology.is_known(bare.lower()):
        return len(bare) < len(word)  # "Ramki24"
    return len(bare) >= len(found.group()) + _MORE


_NONE = ("ski", "cki", "ska", "cka", "icz", "czyk", "son", "sen", "owy", "owa", "owe", "owej", "owego", "owych")  # surnames, adjectives
