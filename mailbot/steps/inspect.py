"""What would this mail do, and why? Reads one mail in this process, without database, secret, state folder or network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbot.model.event import MailArrived
from mailbot.model.facts import FACT_NAMES, Facts, Flag, Item
from mailbot.model.known import Known
from mailbot.model.letter import Audience
from mailbot.model.mail import Mail
from mailbot.model.plan import Enqueue, SaveTicket
from mailbot.model.service import Service
from mailbot.model.verdict import Verdict
from mailbot.rules.arrivals import Situation, course_of
from mailbot.rules.compose import compose
from mailbot.rules.decide import Identity, decide_mail, opens_ticket
from mailbot.rules.match import find_ticket, keys_of
from mailbot.rules.reading import ReadingContext
from mailbot.rules.senders import sender_of
from mailbot.rules.signing import Signer
from mailbot.rules.templates import Templates
from mailbot.steps.reader import examine, read_mail

_SIGNER = Signer(b"inspect signs nothing that is sent", "inspect")
_ACTIONS = {"question": "ask", "acknowledgement": "acknowledge"}


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that `mailbot inspect` shows."""

    mail: Mail
    verdict: Verdict
    rules: tuple[str, ...]
    language: str
    new_text: str
    facts: Facts
    missing: tuple[Item, ...]
    flags: tuple[Flag, ...]
    action: str  # acknowledge | ask | none
    reply: str | None  # the text of the automatic answer

    def as_json(self, file: str) -> dict[str, object]:
        """The public shape of `inspect --json`."""
        facts: dict[str, object] = {name: fact.value if (fact := getattr(self.facts, name)) else None for name in FACT_NAMES}
        impact = self.facts.impact
        facts["impact_source"] = ("stated" if impact.stated else "implied") if impact else None
        return {
            "file": file,
            "message_id": self.mail.message_id,
            "kind": self.verdict.kind.value,
            "kind_reason": f"{self.verdict.test}: {self.verdict.text}".strip(": "),
            "language": self.language,
            "action": self.action,
            "facts": facts,
            "evidence": {name: {"where": fact.where.value, "text": fact.text} for name, fact in self.facts.found()},
            "missing": [item.value for item in self.missing],
            "flags": [flag.value for flag in self.flags],
            "reply": self.reply,
        }


def inspect(raw: bytes, service: Service, templates: Templates, now: datetime) -> Inspection:
    """Take a mail through the rules as if it had arrived now and nothing were known. Never changes anything."""
    seen = examine(raw, service, "inspect")
    what = read_mail(seen, ReadingContext(service))
    event = MailArrived(0, now, seen.mail, what.verdict, what.reading)
    sender, keys = sender_of(seen.mail, service), keys_of(seen.mail, service, _SIGNER)
    match = find_ticket(seen.mail, sender, keys, Known(), service)
    situation = Situation(event, match, Known(), service, "inbox", history=False)
    test = course_of(situation)
    identity = Identity(1, f"{service.ticket_prefix}-{now.year}-000000") if opens_ticket(test.course) else None
    plan = decide_mail(situation, test, identity, now)
    ticket = next((effect.ticket for effect in plan.effects if isinstance(effect, SaveTicket)), None)
    facts = ticket.facts if ticket else what.reading.facts
    letter = next(
        (effect.draft for effect in plan.effects if isinstance(effect, Enqueue) and effect.draft.audience is Audience.CUSTOMER),
        None,
    )
    outgoing = compose(letter, templates, service, _SIGNER, "inspect", now) if letter else None
    return Inspection(
        mail=seen.mail,
        verdict=what.verdict,
        rules=plan.rules,
        language=what.reading.language,
        new_text=what.reading.new_text,
        facts=facts,
        missing=facts.missing(),
        flags=tuple(sorted(what.reading.flags)),
        action=_ACTIONS.get(letter.kind, "none") if letter else "none",
        reply=outgoing.text if outgoing else None,
    )
