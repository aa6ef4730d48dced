"""What kind of mail it is by its words, for mails whose headers tell nothing. When in doubt it is a request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from mailbot.model.facts import Flag, Reading, Where
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
    r"^(?:\W|re:|odp:)*(?:(?:odpowiedz )?automatyczn\w*|automatic reply|auto ?reply|auto-?response|autoodpowied\w*|"
    r"autoresponder|out of (?:the )?office|nieobecnosc|nieobecn[ya]\b|poza biurem|ooo\b|urlop\b|abwesenheit\w*|"
    r"away from|vacation)"
)
_BOUNCE_SUBJECT = re.compile(
    r"^(?:\W)*(?:undeliver\w*|delivery (?:status|failure|report|has failed)|mail delivery (?:failed|failure|"
    r"subsystem)|failure notice|returned mail|nie mozna dostarczyc|niedostarcz\w*|nie dostarczono|zwrot (?:wiadomosci|"
    r"poczty)|blad dostarcz\w*|przeczytan[oae]:|read:|odczytan[oae]:|potwierdzenie odczytu|read receipt|niepowodzenie dostar\w*|"
    r"message not delivered|returned to sender)"
)


def judge_kind(mail: Mail, reading: Reading, verdict: Verdict | None = None) -> tuple[MailKind, str]:
    """The kind by content and the reason: request, other, auto_reply, bounce or bulk. A mail that tells of a broken machine is a request.

    For mails whose headers tell nothing: a `verdict` of the headers other than request stands.
    """
    if verdict and verdict.kind is not MailKind.REQUEST:
        return verdict.kind, verdict.text
    subject, sender = fold(mail.subject), mail.from_.key.partition("@")[0] if mail.from_ else ""
    if _BOUNCE_SUBJECT.search(subject):
        return MailKind.BOUNCE, "subject of a delivery report or receipt"
    if mail.content_type == "text/calendar" or any(part.content_type == "text/calendar" for part in mail.attachments):
        return MailKind.OTHER, "a calendar entry"
    view = split_text(mail)
    own = _own(view)
    parts = [*sentences(mail.subject[:500]), *sentences(view.new[:MAX_TEXT])[:100]]
    told_by = reading.facts.description
    if told_by and told_by.where is Where.FORWARDED:  # "I pass on the note below": what is wanted stands there
        parts += sentences(told_by.value)
    around = sentences(_around(view)[-2000:])
    found = list({id(hit.cue): hit for sentence in (*parts, *around) for hit in hits(sentence, ("kind",))}.values())
    count = Counter(hit.meaning for hit in found)
    help_wanted = _needs_service(reading, parts, own, subject)
    machine = bool(_MACHINE_SENDER.search(sender)) + bool(verdict and verdict.hints) + _looks_mailed(view.new)
    if _MACHINE_SUBJECT.search(subject) and (help_wanted < 2 or not _AWAY.match(subject)):
        return MailKind.AUTO_REPLY, "subject of an automatic reply"
    told, asking = weighed_kind(parts, help_wanted - machine)
    doubted = asking >= CLEARLY_ASKING
    for kind in (MailKind.BOUNCE, MailKind.AUTO_REPLY, MailKind.BULK):
        sure = count[kind.value] + machine >= SURE_CUES or not doubted
        if count[kind.value] and sure and _outweighs(kind, count[kind.value], machine, help_wanted):
            if kind is MailKind.BULK and told is MailKind.OTHER and not machine and reading.facts.first_name:
                break  # a courier's clerk about a parcel
            return kind, _reason(found, kind)
    if machine >= 2 and help_wanted == 0:
        return MailKind.BULK, f"sender {sender}"
    other = count["other"] + (2 if count["other"] or not help_wanted else 1) * bool(_OTHER_SUBJECT.search(subject))
    if _JOB.search(f"{subject} {fold(own[:1500])} {' '.join(fold(part.name) for part in mail.attachments)}") and not doubted:
        return MailKind.OTHER, "a job application"
    if other > help_wanted + bool(reading.facts.device and not other > 1) and not doubted:
        return MailKind.OTHER, _reason(found, MailKind.OTHER)
    if told:
        return told, f"reads like {told.value.replace('_', ' ')}: {1 - asking:.3f}"
    return MailKind.REQUEST, "asks for service" if help_wanted else "nothing says otherwise"


_AWAY = re.compile(r"^(?:\W|re:|odp:)*(?:urlop|nieobecn\w*|vacation|ooo)\b")  # may as well be a customer's words
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
    if help_wanted >= 3:
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


def _reason(found: list[Hit], kind: MailKind) -> str:
    words = next((hit.text for hit in found if hit.meaning == kind.value), "")
    return f"words: {' '.join(words.split())[:80]}"
