"""What reading costs: milliseconds of processor time for a mail of 2 kB after start, and memory with the dictionary loaded.

usage: python bench/reading.py [ROUNDS]
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "corpus")]

from compose import request_mail  # noqa: E402

from mailbot.rules.parse import parse  # noqa: E402
from mailbot.rules.reading import ReadingContext, judge_kind, morphology, read  # noqa: E402
from tests.build import a_service  # noqa: E402

WIDTH = 2000


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    cases = [
        json.loads(line)
        for name in ("cases.jsonl", "own_cases.jsonl")
        for line in (ROOT / "tests/corpus" / name).read_text("utf-8").splitlines()
    ]
    context = ReadingContext(a_service())
    started = time.process_time()
    mails = [parse(request_mail(case)) for case in cases]
    parsed = time.process_time()
    first = _times(mails, context)
    warm = [taken for _ in range(rounds) for taken in _times(mails, context)]
    size = statistics.mean(len(mail.text.encode()) for mail in mails)
    print(f"mails                      {len(mails)}, {size:.0f} bytes of text on average; dictionary: {morphology.available()}")
    print(f"parse                      {(parsed - started) / len(mails) * 1000:.2f} ms a mail")
    print(f"read, words not met before {statistics.mean(first) * 1000:.2f} ms a mail, {max(first) * 1000:.1f} ms at most")
    print(f"read, words met before     {statistics.mean(warm) * 1000:.2f} ms a mail, {max(warm) * 1000:.1f} ms at most")
    print(f"read, a mail of 2 kB       {statistics.mean(warm) * 1000 * WIDTH / size:.2f} ms")
    print(f"memory                     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _times(mails: list, context: ReadingContext) -> list[float]:
    taken = []
    for mail in mails:
        start = time.process_time()
        judge_kind(mail, read(mail, context), None, context.service)
        taken.append(time.process_time() - start)
    return taken


if __name__ == "__main__":
    main()
