"""A judge that learned from examples: a linear model over the features of a sentence, its weights kept in `knowledge/`.

The examples are the knowledge (`impact_examples.txt` and its like), the weights follow from them: `python tests/corpus/learn.py`
derives them anew, and a test shows that both agree. Judging is a sum over words, linear and without a dictionary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from mailbot.rules.reading.features import concept_features, word_features
from mailbot.rules.reading.shape import shape_features
from mailbot.rules.reading.words import Sentence

SCALE = 100  # weights are kept as whole hundredths
Row = tuple[int, ...]  # a weight a label, in hundredths: whole numbers have the same sum in any order
Groups = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """The weighed features of a sentence: sums a label, and how many features were known."""

    words: Row
    word_count: int
    concepts: Row
    concept_count: int


@dataclass(frozen=True, slots=True)
class Judge:
    """Labels, what speaks for each at the outset, and the weights of the features."""

    labels: tuple[str, ...]
    bias: Row
    weights: dict[str, Row]
    features: Callable[[Sentence], Groups]
    length_power: float

    def weigh(self, sentence: Sentence) -> Part:
        """What the features of a sentence say, label by label."""
        words, concepts = ([row for row in map(self.weights.get, found) if row] for found in self.features(sentence))
        return Part(self._sum(words), len(words), self._sum(concepts), len(concepts))

    def _sum(self, rows: Sequence[Row]) -> Row:
        return tuple(map(sum, zip(*rows, strict=True))) if rows else (0,) * len(self.labels)

    def probabilities(self, parts: Sequence[Part]) -> dict[str, float]:
        """How likely each label is for sentences that stand together."""
        words = SCALE * (sum([part.word_count for part in parts]) or 1) ** self.length_power
        concepts = SCALE * (sum([part.concept_count for part in parts]) or 1) ** self.length_power
        word_sums, concept_sums = self._sum([part.words for part in parts]), self._sum([part.concepts for part in parts])
        scores = [
            bias / SCALE + of_words / words + of_concepts / concepts
            for bias, of_words, of_concepts in zip(self.bias, word_sums, concept_sums, strict=True)
        ]
        return dict(zip(self.labels, softmax(scores), strict=True))


@lru_cache(maxsize=1024)
def _meaning(sentence: Sentence) -> Groups:
    """Words and concepts. The last are kept, for several judges ask."""
    return word_features(sentence), concept_features(sentence)


def _telling(sentence: Sentence) -> Groups:
    """Words and shape."""
    return _meaning(sentence)[0], shape_features(sentence)


def features_for(topic: str) -> Callable[[Sentence], Groups]:
    """What a topic looks at in a sentence: two kinds of features, which are weighed apart."""
    return _telling if topic == "description" else _meaning


def length_power(topic: str) -> float:
    """By what power of the number of features their sum is divided: the less, the surer a judge is of a long passage."""
    return 0.4 if topic == "impact" else 0.5


def softmax(scores: Sequence[float]) -> list[float]:
    """Scores as shares of one."""
    highest = max(scores)
    raised = [math.exp(score - highest) for score in scores]
    total = sum(raised)
    return [value / total for value in raised]


def _lines(name: str) -> Iterator[list[str]]:
    text = resources.files("mailbot.rules.reading").joinpath("knowledge", f"{name}_weights.txt").read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if not line.startswith("## "))


def parse_judge(topic: str, lines: Iterable[list[str]]) -> Judge:
    """A judge of a topic from the lines of a weights file: the labels, the bias, then a feature a line."""
    rows = iter(lines)
    labels = tuple(next(rows)[1].split())
    weights = {name: tuple(map(int, values.split())) for name, values in rows}
    return Judge(labels, weights.pop("bias"), weights, features_for(topic), length_power(topic))


@cache
def judge(name: str) -> Judge:
    """The judge of a topic, loaded on first use."""
    return parse_judge(name, _lines(name))
