"""What the customer told us, each fact with the place where it was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum


class Impact(StrEnum):
    """The four levels of impact (service-rules.txt, "Wymagane informacje"), worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Item(StrEnum):
    """The five required items (service-rules.txt, "Wymagane informacje"), in the order in which they are asked."""

    NAME = "name"
    COMPANY = "company"
    DEVICE = "device"
    DESCRIPTION = "description"
    IMPACT = "impact"


class Where(StrEnum):
    """Where a fact was found. The order is the order of trust, most trusted first (used when facts are merged)."""

    STAFF = "staff"  # set by a colleague
    FORM = "form"  # a filled-in line of our form, or a labelled line
    TEXT = "text"
    SUBJECT = "subject"
    SIGNATURE = "signature"
    FORWARDED = "forwarded"  # in a part that the sender forwarded
    SENDER = "from"  # the From display name
    REGISTER = "register"  # the customer register


class Flag(StrEnum):
    """Remarks on a mail: for staff (rules 1, 4, 6, 7) and for the course of the conversation."""

    THIRD_PARTY = "third_party"  # rules 4 and 6: somebody else's product
    REPEATED = "repeated"  # rule 7
    TRAINING = "training"  # rule 1
    SEVERAL_DEVICES = "several_devices"
    SEVERAL_PROBLEMS = "several_problems"
    DANGER = "danger"  # smoke, fire, electric shock, ink in an eye
    COMPLAINT = "complaint"
    SPAM = "spam"  # our own server's verdict
    INK_SYSTEM = "ink_system"  # the direct line for ink; without it the general one
    OTHER_MAKER = "other_maker"  # the machine itself is another maker's
    THANKS_ONLY = "thanks_only"  # thanks or a confirmation and nothing else
    PROMISE = "promise"  # something is put off: "resztę podam jutro"
    PROMISE_ONLY = "promise_only"  # that and nothing else
    ANNOYED = "annoyed"
    WANTS_CALL = "wants_call"
    DOES_NOT_KNOW = "does_not_know"  # "nie wiem", "brak", "-" given for something that was asked
    SAME_AGAIN = "same_again"  # "ponawiam": no symptom of its own
    FORGOT_SOMETHING = "forgot_something"  # "zapomniałem załącznika"
    ONLY_ATTACHMENTS = "only_attachments"
    ASKS_SOMETHING = "asks_something"  # holds a question
    ON_BEHALF = "on_behalf"  # the sender writes for somebody else ("w imieniu: adres")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing we were told. `value` is normalised; `text` is the evidence as it stands in the mail."""

    value: str
    where: Where
    text: str = ""
    stated: bool = True  # False: implied by what the mail says, a guess that a stated value replaces
    correction: bool = False  # the mail says that an earlier value was wrong
    mail: int | None = None  # journal id of the mail; None until the fact belongs to a stored mail


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known. `impact.value` is an `Impact`; `phone.value` is E.164; names are nominative."""

    first_name: Fact | None = None
    last_name: Fact | None = None
    email: Fact | None = None
    phone: Fact | None = None
    company: Fact | None = None
    device: Fact | None = None
    serial: Fact | None = None
    description: Fact | None = None
    impact: Fact | None = None

    def found(self) -> Iterator[tuple[str, Fact]]:
        """The facts that are known, with their field names, in field order."""
        for field in fields(self):
            fact: Fact | None = getattr(self, field.name)
            if fact is not None:
                yield field.name, fact

    @property
    def impact_level(self) -> Impact | None:
        """The level that the customer or a colleague named, or that the mail implies."""
        return Impact(self.impact.value) if self.impact else None

    @property
    def full_name(self) -> str:
        """First and last name as far as known."""
        return " ".join(fact.value for fact in (self.first_name, self.last_name) if fact)

    def missing(self) -> tuple[Item, ...]:
        """The required items that are not known; half a name is no name."""
        known = {
            Item.NAME: self.first_name and self.last_name,
            Item.COMPANY: self.company,
            Item.DEVICE: self.device,
            Item.DESCRIPTION: self.description,
            Item.IMPACT: self.impact,
        }
        return tuple(item for item in Item if not known[item])


FACT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Facts))


@dataclass(frozen=True, slots=True)
class Remark:
    """A flag with the words of the mail that raised it."""

    flag: Flag
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an attentive clerk takes from one mail."""

    language: str  # "pl" or "en"
    facts: Facts = Facts()
    remarks: tuple[Remark, ...] = ()
    new_text: str = ""  # what the sender wrote in this mail: no quote, no signature; a view, the whole text stays in the mail
    on_behalf_of: str | None = None  # address of the customer a colleague writes for ("w imieniu: adres", or a forward's sender)

    @property
    def flags(self) -> frozenset[Flag]:
        """The flags of the remarks."""
        return frozenset(remark.flag for remark in self.remarks)
