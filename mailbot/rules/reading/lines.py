"""Kinds of single lines told by their wording: separators, quote intros, footers, disclaimers, farewells (`knowledge/lines.txt`)."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from mailbot.rules.reading.cues import table
from mailbot.rules.reading.words import fold


@cache
def patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a kind, for folded text."""
    return tuple(re.compile(pattern) for name, pattern, _ in table("lines") if name == kind)


@cache
def _joined(kind: str) -> tuple[re.Pattern[str], tuple[re.Pattern[str], ...]]:
    """The patterns of a kind that begin with the line, as one, and the others: that way most lines cost a single look."""
    openings = [pattern.pattern for pattern in patterns(kind) if pattern.pattern.startswith("^")]
    others = tuple(pattern for pattern in patterns(kind) if not pattern.pattern.startswith("^"))
    return re.compile("|".join(f"(?:{opening})" for opening in openings) or r"(?!)"), others


@lru_cache(maxsize=4096)
def is_line(kind: str, text: str) -> bool:
    """Whether a line is of a kind of `lines.txt`."""
    folded = fold((text.strip(" *_\t>") or text.strip())[:400])
    opening, others = _joined(kind)
    return bool(folded) and bool(opening.match(folded) or any(pattern.search(folded) for pattern in others))


_LEGAL = re.compile(r"(?i)\b(?:s\.c|s\.a|o\.o|sp\. ?[jkp]|s\.j|ltd|inc)$")  # its full stop stays


def tail(kind: str, text: str) -> str:
    """What follows the words of that kind on the line; the empty string when folding changed the length."""
    folded = fold(text)
    if len(folded) != len(text):
        return ""
    ends = [found.end() for pattern in patterns(kind) if (found := pattern.search(folded))]
    rest = text[max(ends, default=0) :].strip(" ,.!-–:;")
    return f"{rest}." if _LEGAL.search(rest) and f"{rest}." in text else rest
