"""A mail about another maker's machine that names one of ours beside it."""

from __future__ import annotations

import re
from itertools import pairwise

from mailbot.model.service import Device
from mailbot.rules.reading.description import telling_parts
from mailbot.rules.reading.device import find_mentions, names_other_maker
from mailbot.rules.reading.words import Sentence, fold, sentences

_BESIDE = re.compile(
    r"\b(?:razem z|wraz z|w pakiecie|w zestawie|together with|along with|tez mamy|mamy tez|rowniez mamy|przejal\w*|przej[ae]\w*|"
    r"bez zarzutu|wszystko dobrze|w porzadku|dziala (?:dobrze|normalnie|swietnie)|sprawn\w+|takes over|took over|works? fine|is fine)\b"
)
"""How one speaks of a machine that is in order, or was only sold with another."""
_COMPUTER = re.compile(r"(?:komputer|laptop|stacj|serwer|monitor|computer|server|workstation|pc|notebook)")


def is_about_theirs(text: str, devices: tuple[Device, ...]) -> bool:
    """Whether what is wrong is told of another maker's machine, and of none of ours: "nasz Mutoh szoruje, Wasz ROLL działa" (rule 6)."""
    parts = sentences(text)
    theirs = {part.start for part in parts if _names_their_machine(part)}
    if not theirs:
        return False
    ours = {mention.sentence.start: mention.sentence for mention in find_mentions(text, devices) if mention.name}
    told = {part.start for part in telling_parts(text)}
    if not all(start not in told or start in theirs for start in ours) or not all(
        _BESIDE.search(fold(part.text)) for part in ours.values()
    ):
        return False
    follows = {part.start for before, part in pairwise(parts) if before.start in theirs}
    return bool(told & (theirs | follows))


def _names_their_machine(sentence: Sentence) -> bool:
    """Whether a sentence names another maker's machine: not a computer of theirs."""
    words = sentence.words
    named = [at for at, word in enumerate(words) if names_other_maker(word)]
    return not all(at and _COMPUTER.match(words[at - 1].key) for at in named)
