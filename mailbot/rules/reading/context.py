"""What the reader knows besides the mail."""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.model.facts import Facts, Item
from mailbot.model.service import Service

MAX_TEXT = 40_000
"""Characters of new text that are read for facts; the rest of a mail is kept, and shown to staff."""


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """`asked`: the items that our question asked for, when this mail answers one. `known`: what the ticket holds already."""

    service: Service
    asked: tuple[Item, ...] = ()
    language: str | None = None  # of the ticket; decides where the mail's own words are too few
    known: Facts | None = None
    forwarded_is_customer: bool = False  # a colleague passes on a customer's mail: all facts come from the forwarded part
