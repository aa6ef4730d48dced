"""The words that the name of the writer's firm follows in running text: "piszę z firmy …", "tu …" (`firm_openings.txt`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from mailbot.rules.reading import morphology
from mailbot.rules.reading.cues import table
from mailbot.rules.reading.inflect import is_kind_of_firm
from mailbot.rules.reading.person import is_given_name
from mailbot.rules.reading.words import fold

_HERE = re.compile(r"(?i)\b(?:tu|tutaj|z\s+tej\s+strony)(?P<gap>\s+)(?P<first>(?-i:[A-ZŁŚŻ])[\w-]+)")
_KIND = re.compile(r"(?<![\w.-])(?!Firm\w*\s+(?!\w+ow(?:a|ej|ą)\s))(?P<first>[A-ZŁŚŻ][^\W\d_]+)(?=\s+(?:i\s+)?[A-ZŁŚŻ„\"])")
_KIND_IS = re.compile(r"\b(?P<first>[^\W\d_]{4,})\s+(?:to|is)(?P<gap>\s+)(?=[A-ZŁŚŻŹĆ„\"])")  # "a reklama to Adam Kosela REKLAMA"
_PERSON_OF = re.compile(
    r"(?i:^|[.!?,]\s*|\n|\b(?:tu|tutaj|strony|pozdrawiam|it's|here's),?\s+)(?!(?i:tu|tutaj|it's)\s)(?P<first>[^\W\d_]+)"
    r"(?:\s+[A-ZŁŚŻ][\w-]+)?\s+(?:z|ze|from|at)(?:\s+firmy)?(?P<gap>\s+)(?=[A-ZŁŚŻ0-9\"„])"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Words that a firm's name follows, and how much they say. `fits`: what their group `first` must be; `inside`: it begins the name."""

    pattern: re.Pattern[str]
    weight: int
    fits: Callable[[str], bool] = bool
    inside: bool = False
    folded: bool = False  # it is looked for in folded text


@cache
def openings() -> tuple[Opening, ...]:
    """The openings of `firm_openings.txt`, one pattern a weight, and those that look at the name itself."""
    said: dict[int, list[str]] = {}
    for weight, pattern, _ in table("firm_openings"):
        said.setdefault(int(weight), []).append(pattern)
    told = (
        Opening(re.compile(rf"\b(?:{'|'.join(patterns)}){_GAP}", re.MULTILINE), weight, folded=True) for weight, patterns in said.items()
    )
    return (
        *told,
        Opening(_HERE, 3, lambda first: not morphology.is_name_form(first), inside=True),
        Opening(_PERSON_OF, 2, _is_somebody),
        Opening(_KIND_IS, 2, is_kind_of_firm),
        Opening(_KIND, -1, is_kind_of_firm, inside=True),
    )


def _is_somebody(word: str) -> bool:
    return is_given_name(word) and fold(word) not in {"pan", "pani"}


_GAP = (
    r"(?P<gap>(?:[\s:,]|(?<=\s)[–-]|[–-](?=\s))+(?:(?:po\s+prostu|"
    r"wlasciwie|dokladnie|oficjalnie|zwyczajnie|krotko|teraz|dzis|simply|just|now)[\s:,–-]+)?)"
)


def openings_in(opening: Opening, text: str) -> Iterator[re.Match[str]]:
    """Where an opening stands; in a text that folding makes longer or shorter only where its letters are plain."""
    folded = fold(text) if opening.folded else text
    return opening.pattern.finditer(folded if len(folded) == len(text) else text.lower())
