"""A judge that learned from examples: a linear model over the features of a sentence, its weights kept in `knowledge/`.

The examples are the knowledge (`impact_examples.txt` and its like), the weights follow from them: `python tests/corpus/learn.py`
derives them anew, and a test shows that both agree. A feature counts the more the rarer it is (inverse document frequency), and each
group of features has the length one, however long the passage. Judging is a sum over words, linear and without a dictionary.
"""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from mailbot.rules.reading.features import concept_features, phrase_features, word_features
from mailbot.rules.reading.shape import shape_features
from mailbot.rules.reading.words import Sentence

SCALE = 100  # numbers are kept as whole hundredths
TOPICS = ("impact", "kind", "description")
_LANE = 32  # bits
_HALF = 1 << (_LANE - 1)
Part = tuple[int, ...]
"""What the features of a sentence say: for each group of them the sum of their rows."""


def pack(numbers: Iterable[int], first: int = 0) -> int:
    """Whole numbers side by side in one, from a lane on: the sum of such rows is the row of sums (below 2^31), for one addition each."""
    return sum(number << (_LANE * at) for at, number in enumerate(numbers, first))


_LANES = 32
_MIDDLE = pack([_HALF] * _LANES)
_ROW = struct.Struct(f"<{_LANES}i")


def unpack(row: int) -> tuple[int, ...]:
    """The numbers in all lanes of a row."""
    whole = (row + _MIDDLE) ^ _MIDDLE  # no lane borrows of the next any more, each is a number with its sign
    return _ROW.unpack(whole.to_bytes(_ROW.size, "little"))


class Weights:
    """The rows of features by name, of one topic or of several side by side."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        self._row = rows.get
        self.meaning = lru_cache(maxsize=1024)(self._meaning)  # the last are kept, for several topics ask

    def _meaning(self, sentence: Sentence) -> Part:
        return self._sum(word_features(sentence)), self._sum(phrase_features(sentence)), self._sum(concept_features(sentence))

    def telling(self, sentence: Sentence) -> Part:
        """What words, phrases and the shape of a sentence say."""
        return *self.meaning(sentence)[:2], self._sum(shape_features(sentence))

    def _sum(self, names: Iterable[str]) -> int:
        row = self._row
        return sum([row(name, 0) for name in names])


@dataclass(frozen=True, slots=True)
class Judge:
    """Labels, what speaks for each at the outset, and where its numbers stand in a row: the square of the length, then a weight a label."""

    labels: tuple[str, ...]
    bias: tuple[int, ...]
    weigh: Callable[[Sentence], Part]
    first: int = 0

    def probabilities(self, parts: Sequence[Part]) -> dict[str, float]:
        """How likely each label is for sentences that stand together."""
        scores = [value / SCALE for value in self.bias]
        for group in zip(*parts, strict=True):
            length, *weights = unpack(sum(group))[self.first : self.first + 1 + len(scores)]
            if length > 0:
                size = math.sqrt(length * SCALE)
                scores = [score + weight / size for score, weight in zip(scores, weights, strict=True)]
        return dict(zip(self.labels, softmax(scores), strict=True))


def groups_of(topic: str, sentence: Sentence) -> tuple[frozenset[str], ...]:
    """What a topic looks at in a sentence: groups of features, each weighed apart."""
    return (
        word_features(sentence),
        phrase_features(sentence),
        shape_features(sentence) if topic == "description" else concept_features(sentence),
    )


def softmax(scores: Sequence[float]) -> list[float]:
    """Scores as shares of one."""
    highest = max(scores)
    raised = [math.exp(score - highest) for score in scores]
    total = sum(raised)
    return [value / total for value in raised]


def _parsed(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    return ((name, values.split()) for name, _, values in (line.partition("\t") for line in lines if not line.startswith("## ")))


def judges(texts: Mapping[str, Iterable[str]]) -> dict[str, Judge]:
    """The judges of some topics from the lines of their weights files: the labels, the bias, then a feature a line."""
    rows: dict[str, int] = defaultdict(int)
    weights, first = Weights(rows), 0
    found = {}
    for topic, lines in texts.items():
        parsed = _parsed(lines)
        labels, bias = next(parsed)[1], [int(value) for value in next(parsed)[1]]
        for name, numbers in parsed:
            rows[name] += pack(map(int, numbers), first)
        found[topic] = Judge(tuple(labels), tuple(bias), weights.telling if topic == "description" else weights.meaning, first)
        first += 1 + len(labels)
    return found


@cache
def _kept() -> dict[str, Judge]:
    """The judges of all topics, loaded on first use."""
    folder = resources.files("mailbot.rules.reading").joinpath("knowledge")
    return judges({topic: folder.joinpath(f"{topic}_weights.txt").read_text("utf-8").splitlines() for topic in TOPICS})


def judge(topic: str) -> Judge:
    """The judge of a topic."""
    return _kept()[topic]
