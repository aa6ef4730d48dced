"""docs/reliability.md is checked: every fault is in it, every test that it names exists, its states are those of the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from mailbot.fault import POINTS
from mailbot.store.outbox import MOST_AMBIGUOUS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/reliability.md").read_text("utf-8")
LINES = [line for line in TEXT.splitlines() if re.match(r"\| F\d", line)]
LETTERED = {"F38": "abcde", "F48": "abc", "F55": "a"}
UNTESTED = {"F34", "F38e"}  # not part of the product; the line says why


def test_every_fault_has_its_line() -> None:
    numbers = [f"F{number:02}" for number in range(1, 74)]
    wanted = {*numbers, *(number + letter for number, letters in LETTERED.items() for letter in letters)}
    found = [line.split()[1] for line in LINES]
    assert sorted(found) == sorted(wanted)


def test_every_named_test_exists() -> None:
    missing = []
    for line in LINES:
        names = re.findall(r"`([\w/]+\.py)::(\w+)`", line)
        assert names or line.split()[1] in UNTESTED, line
        for file, name in names:
            path = ROOT / "tests" / file
            tree = ast.parse(path.read_bytes()) if path.exists() else ast.Module([], [])
            if not any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body):
                missing.append(f"{file}::{name}")
    assert missing == []


def test_its_figures_are_those_of_the_code() -> None:
    assert f"the program has {len(POINTS)} named points" in TEXT
    assert MOST_AMBIGUOUS == 4
    assert "at most four times in all" in TEXT
    states = re.findall(r'Column\("state", String\(10\), nullable=False\),  # (.*)', (ROOT / "mailbot/store/schema.py").read_text("utf-8"))
    listed = re.findall(r"^\| (\w+) \| ", TEXT, re.MULTILINE)
    assert {state for state in re.split(r"\W+", states[0]) if state and state != "held"} <= set(listed)


def test_every_point_is_passed_somewhere_in_the_code() -> None:
    """A point that nobody calls would make the sweep vacuous."""
    calls = set()
    for path in (ROOT / "mailbot").rglob("*.py"):
        calls |= set(re.findall(r'fault\("([\w.]+)"\)', path.read_text("utf-8")))
    assert calls == set(POINTS)
