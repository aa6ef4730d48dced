"""Every example beside a cue means what the cue says; a colleague's other words say nothing."""

from __future__ import annotations

import pytest

from mailbot.rules.answer_wish import CUES, wants_answer


@pytest.mark.parametrize(("text", "wants"), [(text, cue.wants) for cue in CUES for text in cue.examples])
def test_each_example_is_understood(text: str, wants: bool) -> None:
    assert wants_answer(text) is wants


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Do załatwienia",
        "Klient czeka na odpowiedź z działu handlowego od tygodnia",
        "Odpowiedź była wczoraj",
        "FYI",
        "Zadzwońcie do klienta",
    ],
)
def test_words_that_say_nothing_of_it(text: str) -> None:
    assert wants_answer(text) is None
