"""The parts of a mail that facts are read from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbot.model.mail import Mail
from mailbot.rules.reading.context import ReadingContext
from mailbot.rules.reading.cues import squeeze
from mailbot.rules.reading.firm import is_everybodys
from mailbot.rules.reading.form import Filled
from mailbot.rules.reading.phone import normalise_phone
from mailbot.rules.reading.view import Passage, Role, TextView


@dataclass(frozen=True, slots=True)
class Places:
    """The parts of a mail that facts are read from."""

    mail: Mail
    view: TextView
    context: ReadingContext
    new: str
    subject: str
    signature: str
    forwarded: str
    form: tuple[Filled, ...]
    own: tuple[Passage, ...]  # older mails of the sender, quoted

    @property
    def local_part(self) -> str:
        """The part of the sender's address before the "@"."""
        return self.mail.from_.email.partition("@")[0] if self.mail.from_ else ""

    @property
    def display(self) -> str:
        """The name in the From header."""
        return squeeze(self.mail.from_.name)[:200] if self.mail.from_ else ""

    @property
    def disclaimer(self) -> str:
        """The lines of law at the end, which name the firm: "Administratorem danych jest …"."""
        return "\n".join(line.text for line in self.view.lines if line.role is Role.DISCLAIMER)[:4000]

    @property
    def footer_tail(self) -> str:
        """What somebody has set behind the words of their program: "Wysłane z telefonu - Studio 44"."""
        footers = (re.split(r"\s[-–—|]\s", line.text, maxsplit=1) for line in self.view.lines if line.role is Role.FOOTER)
        return "\n".join(parts[1] for parts in footers if len(parts) == 2)

    @property
    def own_text(self) -> str:
        """What the sender wrote in older mails."""
        return "\n".join(passage.text for passage in self.own)

    @property
    def of_colleagues(self) -> tuple[Passage, ...]:
        """Older mails by others of the sender's mail domain; where it is everybody's nobody is a colleague."""
        domain = self.mail.from_.domain if self.mail.from_ else ""
        return tuple(
            passage
            for passage in self.view.passages
            if passage.role is Role.FORWARDED and passage.author and passage.author.domain == domain and not is_everybodys(domain)
        )

    @property
    def own_phones(self) -> frozenset[str]:
        """Our own numbers, in E.164."""
        return frozenset(found[0] for number in self.context.service.own_phones if (found := normalise_phone(number)))

    def form_line(self, *items: str) -> Filled | None:
        """The first labelled line of one of the items that the customer knew."""
        return next((line for line in self.form if line.item in items and not line.unknown), None)
