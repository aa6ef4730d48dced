"""The form in a question: an interface, since customers type their answers behind these very lines.

In the text part each form line stands alone at column 0, unwrapped, exactly the label with its colon, and no other line of
the mail begins with a label's words (a reader that fills in or looks for "the line that begins with Telefon" finds one).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mailbot.model.facts import Item

PHONE = "phone"
"""The form field that is no required item: it stands only beside the name."""

FORM_LABELS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        Item.NAME: "Imię i nazwisko:",
        PHONE: "Telefon:",
        Item.COMPANY: "Nazwa firmy:",
        Item.DEVICE: "Nazwa urządzenia:",
        Item.DESCRIPTION: "Opis problemu:",
        Item.IMPACT: "Wpływ na działalność (krytyczny / wysoki / średni / niski):",
    },
    "en": {
        Item.NAME: "First and last name:",
        PHONE: "Phone:",
        Item.COMPANY: "Company name:",
        Item.DEVICE: "Device name:",
        Item.DESCRIPTION: "Problem description:",
        Item.IMPACT: "Business impact (critical / high / medium / low):",
    },
}
"""The labels of each language, in the order in which they are asked."""

LABEL_WORDS: tuple[str, ...] = tuple(re.split(r"[:(]", label)[0].strip() for labels in FORM_LABELS.values() for label in labels.values())
"""The words of all labels without colon and choices, e.g. "Wpływ na działalność"."""

_MARKED_LABEL = r"[\s>|*•·\-]*+(?:" + "|".join(map(re.escape, LABEL_WORDS)) + ")"
_LABEL_AT_START = re.compile(_MARKED_LABEL, re.IGNORECASE)
_SPACE_BEFORE_LABEL = re.compile(rf"\s++(?={_MARKED_LABEL})", re.IGNORECASE)  # possessive: long runs of blanks stay cheap


def form_lines(missing: tuple[Item, ...], language: str, *, phone_too: bool = True) -> tuple[str, ...]:
    """The form lines that ask for `missing`, in the order of the form; a phone number only beside the name, and where it is unknown."""
    wanted: set[str] = set(missing)
    if Item.NAME in missing and phone_too:
        wanted.add(PHONE)
    return tuple(label for field, label in FORM_LABELS[language].items() if field in wanted)


def begins_like_form_line(line: str) -> bool:
    """Whether a line begins with a label's words, quote marks and bullets aside."""
    return _LABEL_AT_START.match(line) is not None


def keep_labels_inside(text: str) -> str:
    """The text with a no-break space before each of the labels' words, so that wrapping never puts them at the start of a line."""
    return _SPACE_BEFORE_LABEL.sub("\N{NO-BREAK SPACE}", text)
