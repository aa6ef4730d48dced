"""Derives the weights of the learned judge from the examples: multinomial logistic regression, in plain Python and always the same.

usage: learn.py [TOPIC ...]
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT)]

from mailbot.rules.reading.cues import classes, table  # noqa: E402
from mailbot.rules.reading.learned import SCALE, Judge, features_for, length_power, parse_judge, softmax  # noqa: E402
from mailbot.rules.reading.shape import CLASSES, CUES  # noqa: E402
from mailbot.rules.reading.words import sentences  # noqa: E402

KNOWLEDGE = ROOT / "mailbot" / "rules" / "reading" / "knowledge"
TOPICS = ("impact", "kind", "description")
LENT = {"impact": ("kind", "none"), "kind": ("impact", "request")}  # the examples of one topic are counterexamples of the other
REQUESTS = "abcdefghijlvw"  # whose passages of impact are lent to the kinds of mail: whole mails, and as many beside them as do good
MIN_SEEN = 3  # a feature of fewer examples is chance
SLIGHT = 0.4  # a feature that tells the labels apart by less is not kept: half of them, and no figure falls
EPOCHS, RATE, DECAY = 30, 2.0, 1e-5
Row = list[tuple[str, float]]


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
    """The weights of each feature for the labels; every label weighs the same, however many examples it has."""
    counted = [(label, _counted(topic, passage)) for label, passage in pairs]
    seen = Counter(name for _, groups in counted for name in set(groups[0]) | set(groups[1]))
    share = Counter(label for label, _ in counted)
    rows = [
        (labels.index(label), len(counted) / len(labels) / share[label], _normal(topic, groups, seen))
        for label, groups in counted
        if any(groups)
    ]
    weights: dict[str, list[float]] = {name: [0.0] * len(labels) for _, _, row in rows for name, _ in row}
    totals: dict[str, list[float]] = {name: [0.0] * len(labels) for name in weights}
    dice, step, scale = random.Random(20260916), 0, 1.0
    for epoch in range(EPOCHS):
        dice.shuffle(rows)
        for label, worth, row in rows:
            step += 1
            rate = RATE / (1 + 4 * step / len(rows) / EPOCHS)
            found = [(weights[name], value) for name, value in row]
            shares = softmax([scale * sum(weight[at] * value for weight, value in found) for at in range(len(labels))])
            scale *= 1 - rate * DECAY
            for at, got in enumerate(shares):
                slope = rate * worth * (got - (at == label)) / scale
                for weight, value in found:
                    weight[at] -= slope * value
        if epoch >= EPOCHS // 2:  # the mean of the later rounds is calmer than the last
            for name, weight in weights.items():
                totals[name] = [total + scale * value for total, value in zip(totals[name], weight, strict=True)]
    return {name: [value / (EPOCHS - EPOCHS // 2) for value in total] for name, total in totals.items()}


def _counted(topic: str, passage: str) -> tuple[Counter[str], Counter[str]]:
    words, concepts = Counter[str](), Counter[str]()
    features = features_for(topic)
    for sentence in sentences(passage):
        found = features(sentence)
        words.update(found[0])
        concepts.update(found[1])
    return words, concepts


def _normal(topic: str, groups: Sequence[Counter[str]], seen: Counter[str]) -> Row:
    row: Row = [("bias", 1.0)]
    for group in groups:
        known = {name: count for name, count in sorted(group.items()) if seen[name] >= MIN_SEEN}
        size = (sum(known.values()) or 1) ** length_power(topic)
        row += [(name, count / size) for name, count in known.items()]
    return row


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
    rows = [f"labels\t{' '.join(labels)}"]
    for name in ["bias", *sorted(set(weights) - {"bias"})]:
        values = [round(value * SCALE) for value in weights[name]]
        if name == "bias" or max(values) - min(values) >= SLIGHT * SCALE:
            rows.append(f"{name}\t{' '.join(map(str, values))}")
    return rows


def learned(topic: str, hands: Sequence[str] = ()) -> Judge:
    """The judge that the examples of some writers make."""
    return parse_judge(topic, (line.split("\t") for line in weight_lines(topic, hands)))


def main() -> None:
    for topic in sys.argv[1:] or TOPICS:
        lines = [f"## made by tests/corpus/learn.py from the examples and tables {digest(topic)}", *weight_lines(topic)]
        (KNOWLEDGE / f"{topic}_weights.txt").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{topic}: {len(examples(topic))} examples, {len(lines) - 3} features")


if __name__ == "__main__":
    main()
