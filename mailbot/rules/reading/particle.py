"""Small words that two languages share: "no" denies in English and is a mere particle in Polish ("no stoi nam robota").

The dictionary helps where the clause has no small word that tells; without it such a clause counts by the rest of its sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailbot.rules.reading import morphology
from mailbot.rules.reading.words import Token

_BREAKS = frozenset(',;:.!?()[]–—|"„”\n')
_OPENS = frozenset(["fin", "praet", "impt", "imps", "bedzie", "pred", "conj", "comp", "qub", "part", "adv", "adj"])


def denies(tokens: Sequence[Token], at: int, negations: frozenset[str]) -> bool:
    """Whether the word at a place is a negation; of two that look like one ("no", "zero") only where it means it."""
    key = tokens[at].key.replace("'", "")
    if key not in negations:
        return False
    if key == "zero":
        return not _is_a_place(tokens, at)
    return key != "no" or not is_particle(tokens, at)


_OF_AXES = ("na", "do", "od", "gubi", "gubia", "traci", "punkt", "pozycja", "lapie", "szuka", "bazuje")


def _is_a_place(tokens: Sequence[Token], at: int) -> bool:
    """ "gubi zero", "wraca na zero": the origin of an axis."""
    return at > 0 and tokens[at - 1].key in _OF_AXES


def is_particle(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at a place is the Polish "no": its clause is in Polish, or tells nothing and its sentence is."""
    if tokens[at].key != "no":
        return False
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or not following.is_word:
        return following is not None and _language(tokens) == "pl"  # "no, wysoki"
    if following.text.isalpha() and morphology.available() and not morphology.is_known(following.text.lower()):
        return False  # "restart, no effect, dalej stoi"
    told = _language(_clause(tokens, at))
    forms = {form.part for form in morphology.forms(following.text.lower())}
    if told is None and forms & _OPENS and "subst" not in forms:
        told = "pl"  # a noun may be English: "no problem"
    return (told or _language(tokens)) == "pl"


def _clause(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    last = next((here for here in range(at, len(tokens)) if tokens[here].text in _BREAKS), len(tokens))
    return tokens[at + 1 : last]


def _language(tokens: Sequence[Token]) -> str | None:
    from mailbot.rules.reading.language import told_by  # which knows its words by the tables, and these by cues.py

    return told_by(" ".join(token.text for token in tokens if token.is_word))
