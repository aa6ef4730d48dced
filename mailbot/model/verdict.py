"""What triage says of a mail: its kind, the test that told, and whether a program may answer it."""

from __future__ import annotations

from dataclasses import dataclass

from mailbot.model.mail import MailKind

LOOP_HEADER = "X-Mailbot-Loop"
"""Header on every mail that we send; its value is the installation's id, so that two installations do not mute each other."""


BY_WORDS = "content"
"""The test of a mail that only its words told from a request."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first test of the table that hit, with its evidence. `silence` and `spam` are independent of the kind.

    Silence is not deafness: a request with `silence` opens a ticket with a running clock, it is only not answered by a program.
    """

    kind: MailKind
    test: str  # name of the rule that hit; "human" when none did
    text: str = ""  # the evidence as it stands in the mail, one line
    silence: str | None = None  # why no program may answer this mail, in words for staff; None: it may be answered
    spam: bool = False  # our own server calls it spam: bulk, unless the database knows the sender
    hints: tuple[str, ...] = ()  # names of the weak signs that a program wrote it, for the judgement by content

    @property
    def by_words(self) -> bool:
        """Whether nothing but the words says the kind, so that a person may have written it all the same."""
        return self.test == BY_WORDS

    @property
    def may_be_answered(self) -> bool:
        """Whether an automatic answer is allowed at all (law I5); the limits still apply."""
        return self.silence is None and not self.kind.is_machine
