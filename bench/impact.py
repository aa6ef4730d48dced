"""How well the learned judge reads a hand it never saw: trained without one writer's examples, tried on them.

usage: python bench/impact.py [WRITER ...]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "corpus")]

from learn import examples, learned  # noqa: E402

from mailbot.rules.reading.cues import table  # noqa: E402
from mailbot.rules.reading.learned import Judge  # noqa: E402
from mailbot.rules.reading.words import sentences  # noqa: E402


def told(judge: Judge, passage: str) -> str:
    """The likeliest label of a passage."""
    shares = judge.probabilities([judge.weigh(sentence) for sentence in sentences(passage)])
    return max(shares, key=lambda label: shares[label])


def main() -> None:
    hands = sorted({hand for _, hand, _ in table("impact_examples")})
    for left_out in sys.argv[1:] or hands:
        started = time.process_time()
        judge = learned("impact", [hand for hand in hands if hand != left_out])
        trained = time.process_time() - started
        tried = [(label, told(judge, passage)) for label, passage in examples("impact", [left_out])]
        seen, right = Counter(label for label, _ in tried), Counter(label for label, got in tried if label == got)
        silent = sum((label == "none") == (got == "none") for label, got in tried)
        row = "  ".join(f"{label} {right[label]}/{seen[label]}" for label in seen) + f"; trained {trained:.1f} s"
        print(f"without {left_out}: level {right.total() / len(tried):.3f}, level or none {silent / len(tried):.3f}  ({row})")


if __name__ == "__main__":
    main()
