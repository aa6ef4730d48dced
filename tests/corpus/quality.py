"""How well does mailbot read? Scores the labelled mails and fails when a figure falls below `floor.toml`.

usage: quality.py [--date YYYY-MM-DD] [--show N] [--record]

Each set of mails and of answers: the given ones and our own by halves, open and held back; those of other hands, open as a whole or
blind (nobody learns from them); short mails about nothing but names and firms (split.py); all of it
once more without the dictionary. `--date` appends a line to history.tsv. `--show`
prints wrong cases of the open halves only.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from compose import answer_mail, request_mail  # noqa: E402
from score import FIELDS, FLAGS, canon  # noqa: E402
from split import BLIND, WHOLLY_OPEN, is_held_back  # noqa: E402

from mailbot.model.facts import Facts, Item, Reading  # noqa: E402
from mailbot.model.mail import MailKind  # noqa: E402
from mailbot.model.service import Service  # noqa: E402
from mailbot.rules.form import form_lines  # noqa: E402
from mailbot.rules.merge import merge  # noqa: E402
from mailbot.rules.parse import parse  # noqa: E402
from mailbot.rules.reading import ReadingContext, judge_kind, morphology, read  # noqa: E402
from mailbot.rules.triage import triage  # noqa: E402
from tests.build import a_mail, a_service  # noqa: E402

Case = dict[str, Any]
_MACHINE = {"auto_reply", "bounce", "bulk"}
ROWS = ["kind", *FIELDS, "language", "description", *FLAGS, "no needless question", "no question left out", "silence", "decision", "whole"]
MAILS = {"given": "cases", "own": "own_cases", **{f"hand {hand}": f"hand_{hand}" for hand in "bcdefghijklm"}}
ANSWERS = {"given answers": "answers", "own answers": "own_answers", **{f"answers {hand}": f"answers_{hand}" for hand in "abcdef"}}
FIRMS = {f"firms {hand}": f"firms_{hand}" for hand in "ab"}
_COMPARED = {"first_name", "last_name", "company", "device", "impact", "missing"}  # of an answer, for the row "whole"


@dataclass
class Score:
    """Right and seen, a row a field."""

    right: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, row: str, good: bool) -> bool:
        self.seen[row] += 1
        self.right[row] += good
        return good

    def figure(self, row: str) -> float | None:
        return self.right[row] / self.seen[row] if self.seen[row] else None


def cases_of(stem: str) -> list[Case]:
    return [json.loads(line) for line in (HERE / f"{stem}.jsonl").read_text("utf-8").splitlines() if line.strip()]


def halves(name: str, stem: str) -> Iterator[tuple[str, list[Case]]]:
    """The sets of a file by name: its two halves, or the whole where nobody learns from it."""
    cases = cases_of(stem)
    if stem in BLIND:
        yield f"{name} blind", cases
        return
    if stem in WHOLLY_OPEN:
        yield f"{name} open", cases
        return
    yield f"{name} open", [case for case in cases if not is_held_back(case["id"])]
    yield f"{name} held", [case for case in cases if is_held_back(case["id"])]


def read_case(raw: bytes, service: Service) -> tuple[str, Reading]:
    """The kind and the reading of a mail, by the road that the daemon takes."""
    mail = parse(raw)
    verdict = triage(mail, service, "quality")
    reading = read(mail, ReadingContext(service))
    kind = verdict.kind
    if kind is MailKind.REQUEST:
        kind, _ = judge_kind(mail, reading, verdict)
    return kind.value, reading


def compare(score: Score, expect: Case, facts: Facts, label: str, fields: Iterable[str]) -> list[str]:
    """Counts the fields and the questions; the names of what is wrong."""
    wrong = {}
    for name in fields:
        got, wanted = (canon(name, value) for value in (getattr(facts, name).value if getattr(facts, name) else None, expect.get(name)))
        if not score.count(name, got == wanted):
            wrong[name] = f"{name} {got!r} for {wanted!r}"
    got_missing, wanted_missing = {item.value for item in facts.missing()}, set(expect["missing"])
    score.count("no needless question", not got_missing - wanted_missing)
    score.count("no question left out", not wanted_missing - got_missing)
    if got_missing != wanted_missing:
        wrong["missing"] = f"missing {sorted(got_missing)} for {sorted(wanted_missing)}"
    if wrong:
        score.wrong.append(f"{label}: {'; '.join(wrong.values())}")
    return list(wrong)


def score_requests(cases: list[Case], service: Service) -> Score:
    score = Score()
    for case in cases:
        kind, reading = read_case(request_mail(case), service)
        same = kind == case["kind"] or {kind, case["kind"]} <= _MACHINE
        if not score.count("kind", same):
            score.wrong.append(f"{case['id']}: kind {kind} for {case['kind']}")
        if case["kind"] != "request":
            score.count("silence", kind != "request")
            continue
        expect = case["expect"]
        compare(score, expect, reading.facts, case["id"], FIELDS)
        score.count("language", reading.language == expect["language"])
        described = reading.facts.description is not None
        if not score.count("description", described == expect["description"]):
            score.wrong.append(f"{case['id']}: description {described}")
        flags = {flag.value for flag in reading.flags}
        for flag in FLAGS:
            if not score.count(flag, (flag in flags) == bool(expect.get(flag))):
                score.wrong.append(f"{case['id']}: {flag} {flag in flags}")
        score.count("decision", same and {item.value for item in reading.facts.missing()} == set(expect["missing"]))
    return score


def score_firms(cases: list[Case], service: Service) -> Score:
    """Name and firm of mails that are a few lines long and have no more headers than From and Subject."""
    score = Score()
    for case in cases:
        mail = a_mail(case["body"], sender=case["from_addr"], name=case["from_name"], subject=case["subject"])
        facts = read(mail, ReadingContext(service)).facts
        wrong = []
        for name in ("first_name", "last_name", "company"):
            fact = getattr(facts, name)
            got, wanted = canon(name, fact.value if fact else None), canon(name, case[name])
            if not score.count(name, got == wanted):
                wrong.append(f"{name} {got!r} for {wanted!r}")
        if not score.count("whole", not wrong):
            score.wrong.append(f"{case['id']}: {'; '.join(wrong)}")
    return score


def question(to: str, missing: tuple[Item, ...], language: str) -> bytes:
    """A question as the daemon asks it, as far as an answer cares: the form lines."""
    ask = EmailMessage(policy=SMTP)
    ask["From"], ask["To"], ask["Subject"], ask["Message-ID"] = (
        "serwis@oxiprint.com",
        to,
        "[OXI-2026-000123] Prosimy o uzupełnienie",
        "<ask@oxiprint.com>",
    )
    opening = "Dzień dobry,\n\nprosimy o uzupełnienie zgłoszenia:" if language == "pl" else "Hello,\n\nplease complete your request:"
    ask.set_content("\n".join([opening, "", *form_lines(missing, language), "", "Serwis OXIPRINT", "tel. +48 22 871 32 13"]))
    return bytes(ask)


def score_answers(cases: list[Case], service: Service) -> Score:
    score = Score()
    for case in cases:
        first = parse(request_mail(case["first"]))
        known = read(first, ReadingContext(service))
        missing = known.facts.missing()
        answer = parse(answer_mail(case, question(case["answer"]["from_addr"], missing, known.language)))
        reading = read(answer, ReadingContext(service, missing, known.language, known.facts))
        merged, _ = merge(known.facts, reading.facts)
        wrong = compare(
            score, case["expect"], merged, case["id"], ["first_name", "last_name", "phone", "company", "device", "serial", "impact"]
        )
        score.count("decision", "missing" not in wrong)
        score.count("whole", not _COMPARED & set(wrong))
    return score


def all_scores(service: Service) -> dict[str, Score]:
    mails = {name: score_requests(cases, service) for of in MAILS.items() for name, cases in halves(*of)}
    answers = {name: score_answers(cases, service) for of in ANSWERS.items() for name, cases in halves(*of)}
    firms = {name: score_firms(cases, service) for of in FIRMS.items() for name, cases in halves(*of)}
    return {**mails, "given all": score_requests(cases_of("cases"), service), **answers, **firms}


def print_tables(title: str, scores: dict[str, Score]) -> None:
    """A table of the open sets, one of those that only measure."""
    for part, names in (
        ("open: learned from", [name for name in scores if name.endswith(" open")]),
        ("held back: only measured", [name for name in scores if not name.endswith(" open")]),
    ):
        columns = [re.sub(r" (?:open|held)$", "", name) for name in names]
        print(f"\n{title}, {part}\n{'':22}" + "".join(f"{column:>16}" for column in columns))
        for row in ROWS:
            cells = [
                f"{score.right[row]:>5}/{score.seen[row]:<3} {score.figure(row):.3f}" if score.seen[row] else ""
                for score in (scores[name] for name in names)
            ]
            if any(cells):
                print(f"{row:22}" + "".join(f"{cell:>16}" for cell in cells))


def below_floor(scores: dict[str, Score]) -> Iterator[str]:
    """Figures that fell below the recorded floor."""
    for name, floors in tomllib.loads((HERE / "floor.toml").read_text("utf-8")).items():
        for row, floor in floors.items():
            figure = scores[name].figure(row) if name in scores else None
            if figure is None or figure < floor - 1e-9:
                yield f"{name}: {row} {figure} is below {floor}"


def history_line(date: str, scores: dict[str, Score], bare: dict[str, Score]) -> str:
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False).stdout.strip()
    figures = [
        f"{name} {row} {figure:.3f}"
        for name, score in scores.items()
        for row in ("decision", "silence", "impact", "company", "whole")
        if (figure := score.figure(row)) is not None
    ]
    without = [
        f"{name} without dictionary {figure:.3f}" for name, score in bare.items() if (figure := score.figure("decision")) is not None
    ]
    return "\t".join([date, revision, *figures, *without])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", help="append a line of that date to history.tsv")
    parser.add_argument("--show", type=int, default=0, help="print so many wrong cases of each open set")
    args = parser.parse_args()
    service = a_service()
    scores = all_scores(service)
    print_tables("with the dictionary" if morphology.available() else "without the dictionary (not installed)", scores)
    morphology.use_dictionary(False)
    bare = all_scores(service)
    morphology.use_dictionary(True)
    print_tables("without the dictionary", bare)
    for name, score in scores.items():
        if name.endswith("open"):
            for line in score.wrong[: args.show]:
                print(f"{name}: {line}")
    if args.date:
        with (HERE / "history.tsv").open("a", encoding="utf-8") as history:
            history.write(history_line(args.date, scores, bare) + "\n")
    fallen = list(below_floor(scores))
    print("\n".join(fallen) or "no figure is below its floor")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
