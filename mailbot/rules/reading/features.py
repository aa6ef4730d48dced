"""What a sentence is for the learned judge: its words by their beginnings, what is denied, and what kinds of thing stand near each other.

Polish inflects at the end and people mistype, so a word counts by its first letters; the groups of `concepts.txt` let "odbiorca" teach
"kontrahent" and Polish teach English. No dictionary is asked: the judge reads the same with and without one. Linear in the words.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import pairwise

from mailbot.rules.reading.cues import table
from mailbot.rules.reading.words import Sentence, fold

DENIES = frozenset(
    [
        "nie",
        "bez",
        "brak",
        "ani",
        "nic",
        "zaden",
        "zadna",
        "zadne",
        "zadnej",
        "zadnego",
        "zadnych",
        "nor",
        "not",
        "no",
        "never",
        "without",
        "cannot",
        "cant",
        "nothing",
        "neither",
        "don't",
        "dont",
        "doesn't",
        "isn't",
        "can't",
        "won't",
    ]
)
_BREAKS = frozenset(",;:()–—|")
_STOPS = frozenset(".;:")
_NONE = frozenset[str]()
_REACH = 4  # words that a negation colours; also how far apart two concepts still speak of each other
_PREFIXES = (3, 4, 5, 6, 7)


@cache
def _concepts() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for name, words in table("concepts"):
        for word in words.split():
            groups.setdefault(fold(word), set()).add(name)
    return {word: frozenset(names) for word, names in groups.items()}


@lru_cache(maxsize=16384)
def concepts_of(key: str) -> frozenset[str]:
    """The groups of `concepts.txt` that a folded word belongs to."""
    known = _concepts()
    found = set(known.get(key, ()))
    for size in range(2, len(key) + 1):
        found |= known.get(f"{key[:size]}*", frozenset())
    return frozenset(found)


@lru_cache(maxsize=16384)
def _names(key: str) -> tuple[str, ...]:
    """The features of a folded word; numbers count by their length, codes as one."""
    if key.isdigit():
        return (f"#{min(len(key), 3)}",)
    if any(char.isdigit() for char in key):
        return ("#code",)
    return (*(key[:size] for size in _PREFIXES if size < len(key)), f"={key}")


def word_features(sentence: Sentence) -> frozenset[str]:
    """The words of a sentence by their beginnings, in pairs, and those within reach of a negation once more as denied."""
    found: set[str] = {f"p:{token.text}" for token in sentence.tokens if token.text in "?!"}
    denied = 0
    for token in sentence.tokens:
        if not token.is_word:
            denied = 0 if token.text in _BREAKS else denied
            continue
        names = _names(token.key)
        found.update(names)
        if denied:
            found.update(f"¬{name}" for name in names)
            denied -= 1
        if token.key in DENIES:
            denied = _REACH
    short = [token.key[:4] if token.key.isalpha() else _names(token.key)[0] for token in sentence.words]
    found.update(f"{left} {right}" for left, right in pairwise(short))
    return frozenset(found)


def concept_features(sentence: Sentence) -> frozenset[str]:
    """The kinds of thing that a sentence speaks of, alone and in order with those that follow within reach."""
    row = [concepts_of(token.key) if token.is_word else _NONE for token in sentence.tokens if token.is_word or token.text in _STOPS]
    found: set[str] = set()
    for at, names in enumerate(row):
        if names:
            near = _NONE.union(*row[at + 1 : at + 1 + _REACH])
            for name in names:
                mark = f"@{name}"
                found.add(mark)
                found.update([f"{mark} {other}" for other in near])
    return frozenset(found)


def phrase_features(sentence: Sentence) -> frozenset[str]:
    """The whole words of a sentence, alone, in pairs and in threes."""
    row = [_names(token.key)[-1] for token in sentence.words]
    ones = [f"~{word}" for word in row]
    pairs = [f"{left} {right}" for left, right in zip(ones, row[1:], strict=False)]
    return frozenset([*ones, *pairs, *(f"{left} {right}" for left, right in zip(pairs, row[2:], strict=False))])
