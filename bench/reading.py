"""What reading costs: milliseconds of processor time for a mail of 2 kB, and memory with the dictionary loaded.

The first mails after start meet empty caches; a daemon meets new mails after many others; a mail read again finds all its words known.
A machine that others use as well is now fast, now slow: each of some rounds begins in the same state (a fork of the process that has read
the others), and the best, the middle and the worst round are printed.

usage: python bench/reading.py
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "corpus")]

from compose import request_mail  # noqa: E402

from mailbot.model.mail import Mail  # noqa: E402
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


OTHERS = ("hand_b", "hand_c", "hand_d", "hand_e", "hand_g", "hand_h")
"""What a daemon has read before: mails of other hands."""


ROUNDS = 7


def main() -> None:
    context = ReadingContext(a_service())
    others, mails = _mails(*OTHERS), _mails("cases", "own_cases")
    start = time.process_time()
    load(context.service)
    loaded = time.process_time() - start
    rows = {"after start": _rounds(mails, context)[0]}
    _times(others, context)
    rows[f"new, after {len(others)} others"], rows["the same again"] = _rounds(mails, context)
    print(f"mails of 2 kB               {len(mails)}; dictionary: {morphology.available()}; loaded in {loaded:.2f} s")
    print(f"median of the mails         best, middle and worst of {ROUNDS} rounds; Python {sys.version.split()[0]}")
    for name, medians in rows.items():
        best, middle, worst = min(medians), statistics.median(medians), max(medians)
        print(f"read, {name:22}{best * 1000:.2f}, {middle * 1000:.2f}, {worst * 1000:.2f} ms")
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"memory                      {memory / 1024:.0f} MB")


def _rounds(mails: list[Mail], context: ReadingContext) -> tuple[list[float], list[float]]:
    """What a mail takes at its first and its second reading, in seconds: the median of the mails, a round each."""
    first, again = [], []
    for _ in range(ROUNDS):
        receive, send = os.pipe()
        if not os.fork():
            medians = [statistics.median(_times(mails, context)) for _ in range(2)]
            os.write(send, json.dumps(medians).encode())
            os._exit(0)
        os.close(send)
        with os.fdopen(receive) as answer:
            new, same = json.loads(answer.read())
        os.wait()
        first.append(new)
        again.append(same)
    return first, again


def _mails(*names: str) -> list[Mail]:
    """The requests of the labelled mails, brought to the width of a typical one."""
    lines = (line for name in names for line in (ROOT / f"tests/corpus/{name}.jsonl").read_text("utf-8").splitlines())
    bodies = (parse(request_mail(case)).text for case in map(json.loads, lines) if case["kind"] == "request")
    return [a_mail((body + AROUND)[:WIDTH]) for body in bodies]


def _times(mails: list[Mail], context: ReadingContext) -> list[float]:
    taken = []
    for mail in mails:
        start = time.process_time()
        judge_kind(mail, read(mail, context), None)
        taken.append(time.process_time() - start)
    return taken


if __name__ == "__main__":
    main()
