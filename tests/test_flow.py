"""docs/flow.md holds what the code says: the status machine and the order of the policy are written by this module.

`python -m tests.test_flow` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.model.ticket import TRANSITIONS, Status
from mailbot.rules.arrivals import COURSES

FLOW = Path(__file__).parent.parent / "docs" / "flow.md"
WAYS: dict[tuple[Status, Status], str] = {
    (Status.REVIEW, Status.OPEN): "accept",
    (Status.REVIEW, Status.STARTED): "start, or a colleague writes",
    (Status.REVIEW, Status.CLOSED): "dismiss",
    (Status.OPEN, Status.WAITING): "our question is accepted by the server",
    (Status.OPEN, Status.STARTED): "start, or a colleague writes",
    (Status.OPEN, Status.CLOSED): "close, merge",
    (Status.WAITING, Status.OPEN): "an answer, a bounce, set",
    (Status.WAITING, Status.STARTED): "start, or a colleague writes",
    (Status.WAITING, Status.CLOSED): "ten working days without an answer, close, merge",
    (Status.STARTED, Status.CLOSED): "close, merge",
    (Status.CLOSED, Status.OPEN): "a mail of the customer within 30 days, reopen",
    (Status.CLOSED, Status.REVIEW): "a mail on what was dismissed",
}


def draw_machine() -> str:
    """The status machine as a Mermaid diagram."""
    lines = [f"    {old} --> {new}: {WAYS[old, new]}" for old in Status for new in Status if new in TRANSITIONS[old]]
    return "\n".join(("```mermaid", "stateDiagram-v2", "    [*] --> open: a request", "    [*] --> review: other mail", *lines, "```"))


def list_courses() -> str:
    """The policy in its order, as a table."""
    rows = [f"| {number} | {test.name} | {test.says} | {test.course} |" for number, test in enumerate(COURSES, start=1)]
    return "\n".join(("| | line | hits when | what follows |", "| --- | --- | --- | --- |", *rows))


PARTS = {"machine": draw_machine, "courses": list_courses}


def written(text: str) -> str:
    """The page with its generated parts made anew."""
    for name, make in PARTS.items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        head, _, rest = text.partition(begin)
        assert rest, f"docs/flow.md has no marker {begin!r}"
        text = head + begin + make() + end + rest.partition(end)[2]
    return text


def test_every_way_of_the_machine_has_its_words() -> None:
    assert set(WAYS) == {(old, new) for old, ways in TRANSITIONS.items() for new in ways}


@pytest.mark.parametrize("name", PARTS)
def test_the_page_holds_what_the_code_says(name: str) -> None:
    """If it does not: python -m tests.test_flow"""
    text = FLOW.read_text("utf-8")
    assert PARTS[name]() in text
    assert written(text) == text


def test_it_is_one_page() -> None:
    assert len(FLOW.read_text("utf-8").splitlines()) <= 130


if __name__ == "__main__":
    FLOW.write_text(written(FLOW.read_text("utf-8")), "utf-8")
