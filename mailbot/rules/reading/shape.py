"""What a sentence is built of, for the judge that tells a symptom: the classes of its words in order, and the cues that it holds.

"Kapturek nie dosiada do głowicy" and "The wiper never touches the head" are a part, a denial and a part; which such shapes tell what is
wrong is learned from `description_examples.txt`. Linear in the words.
"""

from __future__ import annotations

from functools import lru_cache

from mailbot.rules.reading.cues import atoms_of, classes, hits
from mailbot.rules.reading.features import DENIES
from mailbot.rules.reading.words import Sentence

CLASSES = (
    "machine", "part", "defect", "function", "work", "stopped", "all", "restart", "fine", "asking", "own", "our", "another", "late", "term",
    "client", "slower", "handwork", "give", "today", "unit", "no_symptom_verb", "sound_state", "topic", "greeting", "be",
    "have", "cannot", "printjob", "boss", "labour", "maker", "printed", "soft", "worse",
)  # fmt: skip
_BREAKS = frozenset(',;:()–„”"')
CUES = ("symptom", "impact", "remark")
_REACH = 4  # words within which one class still speaks of another


@lru_cache(maxsize=16384)
def _classes_of(key: str) -> tuple[str, ...]:
    """The classes of `words.txt` that a folded word belongs to, whether it denies, and whether it holds a digit."""
    atoms, known = atoms_of(key), classes()
    found = [name for name in CLASSES if atoms & known[name]]
    if key in DENIES:
        found.append("denies")
    if any(char.isdigit() for char in key):
        found.append("digit")
    return tuple(found)


@lru_cache(maxsize=1024)
def shape_features(sentence: Sentence) -> frozenset[str]:
    """The classes of a sentence alone and in order with those that follow within reach, its cues, whether it asks, how long it is."""
    row = [_classes_of(token.key) if token.is_word else ("break",) if token.text in _BREAKS else () for token in sentence.tokens]
    found = {f"@{name}" for names in row for name in names}
    for at, names in enumerate(row):
        if names:
            near = {other for others in row[at + 1 : at + 1 + _REACH] for other in others}
            found.update([f"@{name} {other}" for name in names for other in near])
    found.update(f"!{hit.cue.topic}:{hit.meaning}" for hit in hits(sentence, CUES))
    found.add(f"#words{min(len(sentence.words), 12) // 3}")
    if sentence.asks:
        found.add("?")
    return frozenset(found)
