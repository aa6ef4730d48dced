"""The mails of the show, in their order: files in `mails/`, some of which answer what was really sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from importlib.resources import files

from mailbot.demo.household import TECHNICIAN
from mailbot.model.mail import Mail


@dataclass(frozen=True, slots=True)
class Scene:
    """One mail. `about`: the letter of ours that it answers or reports on, by its kind and recipient; None: it comes out of the blue."""

    file: str
    says: str
    about: tuple[str, str] | None = None
    fills_in: tuple[tuple[str, str], ...] = ()  # form label and what the customer writes behind it

    def raw(self, at: datetime, letter: Mail | None) -> bytes:
        """The mail as it is handed in at `at`; `letter` is the one that it answers."""
        text = files("mailbot.demo").joinpath("mails", self.file).read_text("utf-8")
        if letter is not None:
            text = text.replace("@@LETTER@@", letter.message_id or "").replace("@@SUBJECT@@", Header(letter.subject).encode())
            text = text.replace("@@QUOTE@@", self._quote(letter))
        head = f"Date: {format_datetime(at)}\nMessage-ID: <{self.file.removesuffix('.eml')}@demo.example>\n"
        return (head + text).replace("\n", "\r\n").encode()

    def _quote(self, letter: Mail) -> str:
        """Our letter, quoted as a mail program does it, with the form filled in."""
        answers = dict(self.fills_in)
        return "\n".join(f"> {line} {answers.get(line.strip(), '')}".rstrip() for line in letter.text.splitlines())


AGNIESZKA, JANA, KATARZYNA, MAREK = (
    "biuro@druk-olza.example",
    "jana.novotna@velkotisk.example",
    "k.lisowska@baneromat.example",
    "marek.duda@plakat-plus.example",
)
SCENES = (
    Scene("02-critical.eml", "From a phone: a machine stands still. The company is missing."),
    Scene("01-complete.eml", "A customer who tells all that the service needs."),
    Scene("03-missing.eml", "A customer who leaves out what the service must know."),
    Scene("04-outlook.eml", "Outlook: HTML alone, in windows-1250. One thing is missing."),
    Scene("05-english.eml", "A customer who writes English gets English."),
    Scene("06-newsletter.eml", "A newsletter: kept, never answered."),
    Scene("07-out-of-office.eml", "A robot answers our question. Robots get no answer.", ("question", JANA)),
    Scene("08-invoice.eml", "A person, but no request for support: people decide."),
    Scene(
        "09-answer.eml",
        "The answer to our question, with the form filled in.",
        ("question", AGNIESZKA),
        (
            ("Nazwa firmy:", "Drukarnia Olza"),
            ("Nazwa urządzenia:", "oxijet 1600"),
            ("Wpływ na działalność (krytyczny / wysoki / średni / niski):", "średni"),
        ),
    ),
    Scene("10-bounce.eml", "One of our letters comes back: staff must know.", ("question", MAREK)),
    Scene("11-follow-up.eml", "A customer adds something to a ticket.", ("acknowledgement", KATARZYNA)),
    Scene("12-thanks.eml", "Thanks alone need no answer.", ("acknowledgement", KATARZYNA)),
)
LAST_SCENE = Scene("13-technician.eml", "A technician answers the reminder with one word.", ("sla_reminder", TECHNICIAN))
