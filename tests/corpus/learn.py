"""Derives the weights of the learned judge from the examples: multinomial logistic regression.

usage: learn.py [TOPIC ...]
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT)]

from mailbot.rules.reading.cues import classes, table  # noqa: E402
from mailbot.rules.reading.learned import SCALE, TOPICS, Judge, groups_of, judges  # noqa: E402
from mailbot.rules.reading.shape import CLASSES, CUES  # noqa: E402
from mailbot.rules.reading.words import sentences  # noqa: E402

KNOWLEDGE = ROOT / "mailbot" / "rules" / "reading" / "knowledge"
LENT = {"impact": ("kind", "none"), "kind": ("impact", "request")}  # the examples of one topic are counterexamples of the other
REQUESTS = "abcdefghijlvw"  # whose passages of impact are lent to the kinds of mail: whole mails, and as many beside them as do good
MIN_SEEN = 3  # a feature of fewer examples is chance
LENGTHS = (4.0, 3.0, 2.0)  # of the groups of features: how much each may say
CALM = 4.0  # how little large weights are held back (the C of the regression)
SLIGHT = 2.0  # a feature that tells the labels apart by less is not kept, and the rest is learned once more


def examples(topic: str, hands: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Label and passage of a table's examples; of some writers only, when `hands` names them."""
    return [(label, passage) for label, hand, passage in table(f"{topic}_examples") if not hands or hand in hands]


def _lessons(topic: str, hands: Sequence[str] = ()) -> list[tuple[str, str]]:
    own = examples(topic, hands)
    if topic not in LENT:
        return own
    lender, label = LENT[topic]
    lending = hands or (REQUESTS if lender == "impact" else ())
    return [*own, *((label, passage) for _, passage in examples(lender, lending))]


def train(topic: str, pairs: Sequence[tuple[str, str]], labels: Sequence[str]) -> dict[str, list[float]]:
    """For each feature the square of its length, then its weight for each label. Labels weigh the same, however many examples they have."""
    counted = [(label, _counted(topic, passage)) for label, passage in pairs]
    seen = Counter(name for _, groups in counted for group in groups for name in group)
    rarity = {name: 1 + math.log((1 + len(counted)) / (1 + count)) for name, count in seen.items() if count >= MIN_SEEN}
    weights = _fit(counted, rarity, labels)
    telling = {name: rarity[name] for name in rarity if max(weights[name][1:]) - min(weights[name][1:]) >= SLIGHT}
    return _fit(counted, telling, labels)


def _fit(
    counted: Sequence[tuple[str, Sequence[Counter[str]]]], rarity: Mapping[str, float], labels: Sequence[str]
) -> dict[str, list[float]]:
    column = {name: at for at, name in enumerate(rarity)}
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for _, groups in counted:
        for longest, group in zip(LENGTHS, groups, strict=True):
            known = {name: count for name, count in group.items() if name in rarity}
            size = math.sqrt(sum(count * rarity[name] ** 2 for name, count in known.items())) or 1
            values += [longest * count * rarity[name] / size for name, count in known.items()]
            columns += [column[name] for name in known]
        ends.append(len(values))
    found = LogisticRegression(C=CALM, class_weight="balanced", max_iter=1000, tol=1e-5)
    found.fit(csr_matrix((values, columns, ends), shape=(len(counted), len(rarity))), [label for label, _ in counted])
    coefficients, bias = found.coef_, found.intercept_
    if len(labels) == 2:  # then the regression knows but the odds of the second
        coefficients, bias = [-coefficients[0] / 2, coefficients[0] / 2], [-bias[0] / 2, bias[0] / 2]
    order = [list(found.classes_).index(label) for label in labels]
    longest_of = {name: longest for _, groups in counted for longest, group in zip(LENGTHS, groups, strict=True) for name in group}
    weights = {
        name: [value**2, *(float(coefficients[at][column[name]]) * longest_of[name] * value for at in order)]
        for name, value in rarity.items()
    }
    return {"bias": [float(bias[at]) for at in order], **weights}


def _counted(topic: str, passage: str) -> list[Counter[str]]:
    found = [groups_of(topic, sentence) for sentence in sentences(passage)]
    return [Counter(name for groups in found for name in groups[at]) for at in range(len(LENGTHS))]


def digest(topic: str) -> str:
    """What the weights of a topic follow from, in a few letters."""
    lender = LENT.get(topic, (topic,))[0]
    files = [f"{name}_examples" for name in sorted({topic, lender})] + (list(CUES) if topic == "description" else ["concepts"])
    looked_up = repr([sorted(classes()[name]) for name in CLASSES]) if topic == "description" else ""
    return sha256(b"".join((KNOWLEDGE / f"{name}.txt").read_bytes() for name in files) + looked_up.encode()).hexdigest()[:16]


def weight_lines(topic: str, hands: Sequence[str] = ()) -> list[str]:
    """The weights file of a topic, line by line; labels in the order in which the table first names them."""
    pairs = _lessons(topic, hands)
    labels = list(dict.fromkeys(label for label, _ in _lessons(topic)))
    weights = train(topic, pairs, labels)
    bias = weights.pop("bias")
    return [
        f"labels\t{' '.join(labels)}",
        *(
            f"{name}\t{' '.join(str(round(value * SCALE)) for value in numbers)}"
            for name, numbers in [("bias", bias), *sorted(weights.items())]
        ),
    ]


def learned(topic: str, hands: Sequence[str] = ()) -> Judge:
    """The judge that the examples of some writers make."""
    return judges({topic: weight_lines(topic, hands)})[topic]


def main() -> None:
    for topic in sys.argv[1:] or TOPICS:
        lines = [f"## made by tests/corpus/learn.py from the examples and tables {digest(topic)}", *weight_lines(topic)]
        (KNOWLEDGE / f"{topic}_weights.txt").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{topic}: {len(examples(topic))} examples, {len(lines) - 3} features")


if __name__ == "__main__":
    main()
