"""The learned judge: its weights follow from the examples, and it understands a writer whom it never read."""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import pytest

CORPUS = Path(__file__).parent.parent.parent / "corpus"
sys.path.insert(0, str(CORPUS))

from learn import TOPICS, digest, examples, learned, weight_lines  # noqa: E402

from mailbot.model.facts import Where  # noqa: E402
from mailbot.model.mail import MailKind  # noqa: E402
from mailbot.rules.reading.cues import table  # noqa: E402
from mailbot.rules.reading.impact import read_impact  # noqa: E402
from mailbot.rules.reading.learned import judge, judges, pack, unpack  # noqa: E402
from mailbot.rules.reading.weighing import SYMPTOM_ABOVE, weighed_kind  # noqa: E402
from mailbot.rules.reading.words import sentences  # noqa: E402


def kept(topic: str) -> list[str]:
    return resources.files("mailbot.rules.reading").joinpath("knowledge", f"{topic}_weights.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("topic", TOPICS)
def test_the_weights_were_made_from_these_examples(topic: str) -> None:
    assert kept(topic)[0].endswith(digest(topic)), "the examples changed: make weights"


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_the_weights_can_be_derived_anew(topic: str) -> None:
    def numbers(lines: list[str]) -> dict[str, list[int]]:
        return {name: [int(value) for value in values.split()] for name, values in (line.split("\t") for line in lines[1:])}

    old, new = numbers(kept(topic)[1:]), numbers(weight_lines(topic))
    apart = [abs(a - b) for name in old.keys() & new.keys() for a, b in zip(old[name], new[name], strict=True)]
    assert max(apart) <= 10  # hundredths: another processor rounds elsewhere
    assert len(old.keys() ^ new.keys()) <= 10  # and keeps another of two that hardly tell


@pytest.mark.slow
@pytest.mark.parametrize(("left_out", "level_floor", "silence_floor"), [("a", 0.75, 0.88), ("b", 0.67, 0.84)])
def test_a_writer_who_was_never_read_is_understood(left_out: str, level_floor: float, silence_floor: float) -> None:
    judging = learned("impact", [hand for hand in "abcd" if hand != left_out])
    tried = []
    for label, passage in examples("impact", [left_out]):
        shares = judging.probabilities([judging.weigh(sentence) for sentence in sentences(passage)])
        tried.append((label, max(shares, key=lambda name: shares[name])))
    assert sum(label == got for label, got in tried) / len(tried) >= level_floor
    assert sum((label == "none") == (got == "none") for label, got in tried) / len(tried) >= silence_floor


@pytest.mark.slow
@pytest.mark.parametrize(("left_out", "told_floor", "silence_floor"), [("k", 0.75, 0.75), ("d", 0.9, 0.85)])
def test_a_symptom_is_understood_from_a_writer_who_was_never_read(left_out: str, told_floor: float, silence_floor: float) -> None:
    hands = sorted({hand for _, hand, _ in table("description_examples")} - {left_out})
    judging = learned("description", hands)
    right: dict[str, list[bool]] = {"yes": [], "no": []}
    for label, passage in examples("description", [left_out]):
        shares = [judging.probabilities([judging.weigh(sentence)])["yes"] for sentence in sentences(passage)]
        right[label].append((max(shares) > SYMPTOM_ABOVE) == (label == "yes"))
    assert sum(right["yes"]) / len(right["yes"]) >= told_floor
    assert sum(right["no"]) / len(right["no"]) >= silence_floor


def test_the_evidence_is_the_sentence_that_says_it() -> None:
    found = read_impact("Nóż nie opada. Cała szwalnia siedzi i czeka, klientów odsyłamy. Proszę o telefon.", Where.TEXT)
    assert found is not None
    assert found.value == "critical"
    assert "Proszę o telefon" not in found.text


def test_words_never_met_weigh_nothing() -> None:
    assert set(judge("impact").weigh(sentences("Qwertz uiop")[0])) == {0}


def test_rows_side_by_side_add_up_lane_by_lane() -> None:
    rows = [pack([3, -7, 0]) + pack([-120, 5], 3), pack([4, -1, 9]) + pack([20, -6], 3)]
    assert list(unpack(sum(rows))[:3]) == [7, -8, 9]
    assert list(unpack(sum(rows))[3:5]) == [-100, -1]


def test_a_row_of_each_topic_is_its_own() -> None:
    made = ["labels\ta b", "bias\t0 0", "~=pompa\t100 900 -900"]
    other = ["labels\tc d", "bias\t10 0"]
    found = judges({"impact": made, "kind": other})
    said = [found["impact"].weigh(sentences("Pompa")[0])]
    assert found["impact"].probabilities(said)["a"] > 0.99
    assert 0.5 < found["kind"].probabilities(said)["c"] < 0.6


def test_a_sign_of_need_keeps_a_doubtful_mail_a_request() -> None:
    parts = sentences("Dziękuję za wizytę, maszyna pracuje.")
    assert weighed_kind(parts, 0)[0] is MailKind.OTHER
    assert weighed_kind(parts, 3)[0] is None
    assert weighed_kind(sentences("Nie ma mnie, wracam 21.09. Odpowiem jak wrócę."), 3)[0] is MailKind.AUTO_REPLY


def test_a_symptom_counts_more_than_the_invoice_beside_it() -> None:
    invoice = "Proszę o korektę faktury za przegląd, jest na niej zły adres i NIP."
    assert weighed_kind(sentences(invoice), 0)[0] is MailKind.OTHER
    assert weighed_kind(sentences(f"{invoice} Poza tym suszarka dmucha zimnym powietrzem."), 1)[0] is None


def test_no_text_is_no_kind_and_no_level() -> None:
    assert weighed_kind((), 0)[0] is None
    assert read_impact("", Where.TEXT) is None
