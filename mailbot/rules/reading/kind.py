"""What kind of mail it is by its words, for mails whose headers tell nothing. When in doubt it is a request."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from mailbot.model.facts import Facts, Flag, Item, Reading, Where
from mailbot.model.mail import Mail, MailKind
from mailbot.model.verdict import Verdict
from mailbot.rules.reading.context import MAX_TEXT
from mailbot.rules.reading.cues import Hit, hits, squeeze
from mailbot.rules.reading.impact import evidence, implied_level, of_ours
from mailbot.rules.reading.view import Role, TextView, split_text
from mailbot.rules.reading.weighing import like_a_request, weighed_kind
from mailbot.rules.reading.words import Sentence, fold, sentences

IN_WORDS_OF_A_REQUEST = 0.35  # how likely a sentence that tells a symptom is a customer's: 99 of 100 are, and half of the others' are not
CLEARLY_ASKING = 0.8  # how likely the words are those of a request, for single cues not to count
QUITE_SURE = 0.1  # how likely the words of an answer may be those of a request, and be taken for a program's by the judge alone
SURE_CUES = 3  # and so many count all the same
_MACHINE_SENDER = re.compile(
    r"^(?:no-?reply|noreply|do-?not-?reply|donotreply|nie-?odpowiadaj|newsletter|mailing|mailer-daemon|postmaster|"
    r"bounce\w*|powiadomieni\w*|notification\w*|notify|info-?mail|awizo|autoresponder|system|robot|daemon|"
    r"promocje|marketing|kampania|news|tracking|sledzenie|automat)\b"
)
_OTHER_SUBJECT = re.compile(
    r"^(?:\W|re:|odp:|fwd?:|pd:)*(?:faktura|fv\b|f-?ra\b|invoice|korekta|nota|wezwanie do zaplaty|oferta|cv\b|"
    r"aplikacja na|rekrutacja|wspolpraca|zapytanie (?:ofertowe|cenowe|o)|zamowienie\b|order\b|offer\b|quotation|"
    r"quote|payment|platnosc|potwierdzenie salda|praca\b|job application|application for|proforma|zyczenia)"
)
_MACHINE_SUBJECT = re.compile(
    r"^(?:\W|re:|odp:)*(?:odpowiedz automatyczn\w*|automatyczn\w* (?:\w+ )?(?:odpowiedz|wiadomosc|powiadomieni|potwierdzeni|informacj)\w*|"
    r"automatycznie (?:wy)?(?:generowan|slan)\w*|automatic reply|auto ?reply|auto-?response|autoodpowied\w*|autoresponder|"
    r"out of (?:the )?office|nieobecnosc|nieobecn[ya]\b|poza biurem|ooo\b|urlop\b|abwesenheit\w*|"
    r"away from|vacation)"
)
_BOUNCE_SUBJECT = re.compile(
    r"^(?:\W)*(?:undeliver\w*|delivery (?:status|failure|report|has failed)|mail delivery (?:failed|failure|"
    r"subsystem)|failure notice|returned mail|nie mozna dostarczyc|niedostarcz\w*|nie dostarczono|"
    r"blad dostarcz\w*|niepowodzenie dostar\w*|message not delivered|returned to sender)"
)
_RECEIPT_SUBJECT = re.compile(
    r"^(?:\W)*(?:zwrot (?:wiadomosci|poczty)|przeczytan[oae]:|read:|odczytan[oae]:|potwierdzenie odczytu|read receipt)"
)
"""May as well be a customer's words: "Potwierdzenie odczytu kodu kreskowego nie działa"."""


@dataclass(frozen=True, slots=True)
class _Signs:
    """What speaks for a kind. `machine` and `help_wanted` count the signs of a program, and of a customer in need."""

    subject: str
    cues: tuple[Hit, ...]
    device: bool  # a machine of ours is named
    machine: int
    help_wanted: int
    told: MailKind | None  # what the learned judge makes of the words
    asking: float  # how likely the words are those of a request

    def count(self, kind: MailKind) -> int:
        """The cues of a kind."""
        return sum(hit.meaning == kind.value for hit in self.cues)

    def words(self, kind: MailKind) -> tuple[MailKind, str]:
        """The kind with the first words that speak for it."""
        said = next((hit.text for hit in self.cues if hit.meaning == kind.value), "")
        return kind, f"words: {squeeze(said)[:80]}"

    @property
    def doubted(self) -> bool:
        """Whether the words are those of a request, so that single cues do not count."""
        return self.asking >= CLEARLY_ASKING


def judge_kind(
    mail: Mail, reading: Reading, verdict: Verdict | None = None, *, answers: bool = False, asked: Collection[Item] = ()
) -> tuple[MailKind, str]:
    """The kind by content and the reason: request, other, auto_reply, bounce or bulk. A mail that tells of a broken machine is a request.

    For mails whose headers tell nothing: a `verdict` of the headers other than request stands. `answers`: the mail belongs to a ticket,
    so that its subject is ours and says nothing of who writes. `asked`: what our question there asked for.
    """
    if verdict and verdict.kind is not MailKind.REQUEST:
        return verdict.kind, verdict.text
    if mail.content_type == "text/calendar" or any(part.content_type == "text/calendar" for part in mail.attachments):
        return MailKind.OTHER, "a calendar entry"
    view = split_text(mail)
    own = _own(view)
    tells = not set(asked) <= set(_in_own_words(reading).missing())
    signs = _signs(mail, view, own, reading, verdict, answers=answers, tells=tells)
    named = " ".join(fold(part.name) for part in mail.attachments)
    return (
        _by_subject(signs)
        or _by_cues(signs, reading)
        or _by_matter(signs, f"{signs.subject} {fold(own[:1500])} {named}")
        or _by_judge(signs, answers=answers, tells=tells)
        or (MailKind.REQUEST, "asks for service" if signs.help_wanted else "nothing says otherwise")
    )


def _signs(mail: Mail, view: TextView, own: str, reading: Reading, verdict: Verdict | None, *, answers: bool, tells: bool) -> _Signs:
    subject = fold(mail.subject)
    sender = mail.from_.key.partition("@")[0] if mail.from_ else ""
    head = () if answers else sentences(mail.subject[:500])
    body = list(sentences(view.new[:MAX_TEXT])[:100])
    told_by = reading.facts.description
    if told_by and told_by.where is Where.FORWARDED:  # "I pass on the note below": what is wanted stands there
        body += sentences(told_by.value)
    parts = [*head, *body]
    machine = bool(_MACHINE_SENDER.search(sender)) + bool(verdict and verdict.hints) + _looks_mailed(view.new)
    cues = _cues(body, sentences(_around(view)[-2000:]))
    meant = {hit.meaning for hit in cues}
    cues += [hit for hit in _cues(head) if machine or hit.meaning in meant or not MailKind(hit.meaning).is_machine]
    help_wanted = _needs_service(reading, parts, own, subject) + tells
    told, asking = weighed_kind(parts, help_wanted - machine)
    if told and told.is_machine and body and not machine and weighed_kind(body, help_wanted)[0] is None:
        told = None  # only the subject reads so: "Paczka"
    return _Signs(subject, tuple(cues), reading.facts.device is not None, machine, help_wanted, told, asking)


def _by_subject(signs: _Signs) -> tuple[MailKind, str] | None:
    """A delivery report, a receipt or an automatic reply; where a customer may as well begin so, other signs have to agree."""
    if _BOUNCE_SUBJECT.search(signs.subject):
        return MailKind.BOUNCE, "subject of a delivery report"
    if _RECEIPT_SUBJECT.search(signs.subject) and (signs.count(MailKind.BOUNCE) or not signs.help_wanted):
        return MailKind.BOUNCE, "subject of a receipt"
    if not _MACHINE_SUBJECT.search(signs.subject):
        return None
    needed = signs.help_wanted >= _CLEAR_NEED or (signs.device and not signs.count(MailKind.AUTO_REPLY))
    if not (needed and _AWAY.match(signs.subject)):
        return MailKind.AUTO_REPLY, "subject of an automatic reply"
    return None


def _by_cues(signs: _Signs, reading: Reading) -> tuple[MailKind, str] | None:
    """A program's mail by the words that programs use, where they outweigh a customer's need."""
    for kind in (MailKind.BOUNCE, MailKind.AUTO_REPLY, MailKind.BULK):
        cues = signs.count(kind)
        sure = cues + signs.machine >= SURE_CUES or not signs.doubted
        wanted = signs.help_wanted + (kind is MailKind.AUTO_REPLY and signs.device)
        if cues and sure and _outweighs(kind, cues, signs.machine, wanted):
            if kind is MailKind.BULK and signs.told is MailKind.OTHER and not signs.machine and reading.facts.first_name:
                break  # a courier's clerk about a parcel
            return signs.words(kind)
    return (MailKind.BULK, "a program's sender and words") if signs.machine >= _PLAINLY_MAILED and not signs.help_wanted else None


def _by_matter(signs: _Signs, text: str) -> tuple[MailKind, str] | None:
    """A person's mail that wants no service: a job, an invoice, an order, an offer."""
    if signs.doubted:
        return None
    if _JOB.search(text):
        return MailKind.OTHER, "a job application"
    cues = signs.count(MailKind.OTHER)
    other = cues + (2 if cues or not signs.help_wanted else 1) * bool(_OTHER_SUBJECT.search(signs.subject))
    return signs.words(MailKind.OTHER) if other > signs.help_wanted + (signs.device and not other > 1) else None


def _by_judge(signs: _Signs, *, answers: bool, tells: bool) -> tuple[MailKind, str] | None:
    """What the learned judge makes of the words. An answer is a program's only where a cue agrees or the judge is quite sure.

    One that tells what was asked for only where a cue agrees.
    """
    told = signs.told
    if told is None:
        return None
    if answers and told.is_machine and not signs.count(told) and (tells or signs.asking > QUITE_SURE):
        return None
    return told, f"reads like {told.value.replace('_', ' ')}: {1 - signs.asking:.3f}"


_CLEAR_NEED, _PLAINLY_MAILED = 2, 2  # signs


def _in_own_words(reading: Reading) -> Facts:
    """The facts that a mail tells in running text or in our form: who signs it a responder says as well."""
    return Facts(**{name: fact for name, fact in reading.facts.found() if fact.where in (Where.TEXT, Where.FORM)})


def _cues(*parts: Sequence[Sentence]) -> list[Hit]:
    """The cues of a kind in some sentences, each once."""
    return list({id(hit.cue): hit for sentence in chain(*parts) for hit in hits(sentence, ("kind",))}.values())


_AWAY = re.compile(
    r"^(?:\W|re:|odp:)*(?:urlop|nieobecn\w*|vacation|ooo|poza biurem|out of (?:the )?office|away from)\b"
)  # may as well be a customer's words
_JOB = re.compile(
    r"\b(?:cv|curriculum vitae|aplikuj\w*|kandydatur\w*|list motywacyjny|szukam pracy|poszukuje pracy|job application|"
    r"apply(?:ing)? for|oferta pracy|na stanowisko|rekrutacj\w*)\b"
)
_URL = re.compile(r"https?://|\bwww\.")
_MONEY = re.compile(r"\d\s?(?:%|zl\b|pln\b|eur\b|€|\$|netto|brutto)|\bgratis\b|\brabat", re.IGNORECASE)


def _looks_mailed(text: str) -> int:
    """Signs of a mailing in the text itself: links, prices."""
    return bool(_URL.search(text)) + bool(_MONEY.search(text))


def _outweighs(kind: MailKind, cues: int, machine: int, help_wanted: int) -> bool:
    """Whether the words of a machine weigh more than those of a customer in need."""
    if help_wanted >= 3 or (help_wanted >= _CLEAR_NEED and not machine):
        return cues >= 3 or cues + machine >= 4 or (kind is MailKind.BOUNCE and cues >= 2)
    if kind is MailKind.BULK:
        return cues + machine > help_wanted and (cues + machine >= 2 or help_wanted == 0)
    return cues + machine > help_wanted


def _around(view: TextView) -> str:
    """Signature, disclaimer and footer."""
    return "\n".join(line.text for line in view.lines if line.role in (Role.SIGNATURE, Role.DISCLAIMER, Role.FOOTER))


def _own(view: TextView) -> str:
    """All that the sender's side wrote: no quotes, no forwards."""
    return "\n".join(line.text for line in view.lines if line.role in (Role.NEW, Role.SIGNATURE, Role.DISCLAIMER, Role.FOOTER))


_SERVICE = re.compile(
    r"\b(?:serwisant\w*|wizyt\w+ (?:serwis|technik)\w*|awari(?!ach|ami|om)\w*|usterk(?!ach|ami|om)\w*|zepsu\w*|technician|service visit|"
    r"breakdown|nie dziala\w*|przyjazd\w* serwisu|zgloszeni\w* serwisow\w*|prosze o (?:pomoc|serwis|kontakt|telefon)|"
    r"pros(?:ze|imy) (?:\w+ )?o (?:\w+ )?(?:reakcj\w*|interwencj\w*)|w sprawie (?:\w+ ){0,2}(?:maszyny|urzadzeni\w*|plotera|drukarki)|"
    r"need help|please help|przeglad(?!ach|ami|om)\w*|przyjecha\w*|przyjazd\w*|wizyt\w*)\b"
)


def _needs_service(reading: Reading, parts: Sequence[Sentence], text: str, subject: str) -> int:
    """How much the mail is a customer's in need: a symptom, the work affected, a machine of ours, a wish for service, danger.

    So is a case that came back, or that nobody answered. Faults in general ("zna się na awariach") are no wish for service, nor is what
    stands in the words of an offer or a courier ("paczka z płytą główną stoi w magazynie") a symptom.
    """
    facts = reading.facts
    told = facts.description.value if facts.description else ""
    described = (
        bool(told) and like_a_request([part for part in parts if squeeze(part.text) in told] or sentences(told)) >= IN_WORDS_OF_A_REQUEST
    )
    hurt = facts.impact is not None and (facts.impact.stated or implied_level(evidence(of_ours(parts))) is not None)
    return (
        described
        + hurt
        + bool(facts.device and (described or hurt))
        + bool(_SERVICE.search(fold(text[:4000])) or _SERVICE.search(subject))
        + 2 * (Flag.DANGER in reading.flags)
        + bool(Flag.REPEATED in reading.flags or (Flag.TRAINING in reading.flags and facts.device))
    )
