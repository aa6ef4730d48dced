"""What reading costs: milliseconds of processor time for a mail of 2 kB after start, and memory with the dictionary loaded.

usage: python bench/reading.py
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
from mailbot.steps.reader import load  # noqa: E402
from tests.build import a_mail, a_service  # noqa: E402

WIDTH = 2000
AROUND = (
    "\n\nWiadomość jest poufna i przeznaczona wyłącznie dla adresata. Administratorem danych osobowych jest nadawca.\n\n"
    "Od: Serwis OXIPRINT <serwis@oxiprint.com>\nWysłano: poniedziałek, 14 września 2026 10:15\nDo: x@y.example\nTemat: zgłoszenie\n\n"
    + "Dzień dobry, prosimy o uzupełnienie zgłoszenia. Nasz technik odezwie się do Państwa w godzinach pracy.\n"
    * 12
)
"""What stands around a customer's words in a typical mail: a disclaimer and our mail, quoted."""


def main() -> None:
    paths = [ROOT / "tests/corpus" / name for name in ("cases.jsonl", "own_cases.jsonl")]
    cases = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    context = ReadingContext(a_service())
    bodies = [parse(request_mail(case)).text for case in cases if case["kind"] == "request"]
    mails = [a_mail((body + AROUND)[:WIDTH]) for body in bodies]
    load(context.service)
    first, again = _times(mails, context), _times(mails, context)
    print(f"mails of 2 kB              {len(mails)}; dictionary: {morphology.available()}")
    for name, taken in (("words not met before", first), ("words met before", again)):
        print(f"read, {name:21}{statistics.median(taken) * 1000:.2f} ms (median), {max(taken) * 1000:.1f} ms at most")
    print(f"memory                     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _times(mails: list, context: ReadingContext) -> list[float]:
    taken = []
    for mail in mails:
        start = time.process_time()
        judge_kind(mail, read(mail, context), None)
        taken.append(time.process_time() - start)
    return taken


if __name__ == "__main__":
    main()
