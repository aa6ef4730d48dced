"""What kind of mail it is by its words, for mails whose headers tell nothing. When in doubt it is a request."""

from __future__ import annotations

import re
from collections import Counter

from mailbot.model.facts import Flag, Reading
from mailbot.model.mail import Mail, MailKind
from mailbot.rules.reading.cues import Hit, hits
from mailbot.rules.reading.view import TextView
from mailbot.rules.reading.words import fold, sentences

_MACHINE_SENDER = re.compile(
    r"^(?:no-?reply|noreply|do-?not-?reply|donotreply|nie-?odpowiadaj|newsletter|mailing|mailer-daemon|postmaster|bounce\w*|powiadomieni\w*|notification\w*|notify|info-?mail|awizo|autoresponder|system|robot|daemon|promocje|marketing|kampania|news|tracking|sledzenie|automat)\b"
)
_OTHER_SUBJECT = re.compile(r"^(?:\W|re:|odp:|fwd?:|pd:)*(?:faktura|fv\b|f-?ra\b|invoice|korekta|nota|wezwanie do zaplaty|oferta|cv\b|aplikacja na|rekrutacja|wspolpraca|zapytanie (?:ofertowe|cenowe|o)|zamowienie\b|order\b|offer\b|quotation|quote|payment|platnosc|potwierdzenie salda|praca\b|job application|application for|proforma|zyczenia)")
_MACHINE_SUBJECT = re.compile(
    r"^(?:\W|re:|odp:)*(?:(?:odpowiedz )?automatyczn\w*|automatic reply|auto ?reply|auto-?response|autoodpowied\w*|autoresponder|out of (?:the )?office|nieobecnosc|nieobecn[ya]\b|poza biurem|ooo\b|urlop\b|abwesenheit\w*|away from|vacation)"
)
_BOUNCE_SUBJECT = re.compile(r"^(?:\W)*(?:undeliver\w*|delivery (?:status|failure|report|has failed)|mail delivery (?:failed|failure|subsystem)|failure notice|returned mail|nie mozna dostarczyc|niedostarcz\w*|nie dostarczono|zwrot (?:wiadomosci|poczty)|blad dostarcz\w*|przeczytan[oae]:|read:|odczytan[oae]:|potwierdzenie odczytu|read receipt|niepowodzenie dostar\w*|message not delivered|returned to sender)")


def judge_kind(mail: Mail, view: TextView, reading: Reading) -> tuple[MailKind, str]:
    """The kind by content and the reason: request, other, auto_reply, bounce or bulk. A mail that tells of a broken machine is a request."""
    subject, sender = fold(mail.subject), mail.from_.key.partition("@")[0] if mail.from_ else ""
    if _BOUNCE_SUBJECT.search(subject):
        return MailKind.BOUNCE, "subject of a delivery report or receipt"
    if _MACHINE_SUBJECT.search(subject):
        return MailKind.AUTO_REPLY, "subject of an automatic reply"
    new = view.new or mail.text
    found = [hit for sentence in sentences(f"{mail.subject}\n\n{new[:6000]}") for hit in hits(sentence, ("kind",))]
    footer = [hit for sentence in sentences(mail.text[-1500:]) for hit in hits(sentence, ("kind",)) if hit.meaning == "bulk"]
    count = Counter(hit.meaning for hit in {id(hit.cue): hit for hit in [*found, *footer]}.values())
    machine_sender = bool(_MACHINE_SENDER.search(sender))
    asks_help = _needs_service(reading, new)
    for kind, needed in ((MailKind.BOUNCE, 1), (MailKind.AUTO_REPLY, 1), (MailKind.BULK, 1)):
        strength = count[kind.value] + machine_sender
        if count[kind.value] and strength >= (needed if not asks_help else needed + 1):
            if kind is MailKind.AUTO_REPLY and not machine_sender and asks_help and not _first(found, kind.value, new):
                continue
            return kind, _reason(found or footer, kind)
    if machine_sender and not asks_help and reading.facts.device is None:
        return MailKind.BULK, f"sender {sender}"
    strength = count["other"] + (2 if _OTHER_SUBJECT.search(subject) else 0)
    if strength >= (1 if not reading.facts.device and not asks_help else 2) and not asks_help:
        return MailKind.OTHER, _reason(found, MailKind.OTHER) if count["other"] else "subject"
    if strength >= 3 and not _broken(reading):
        return MailKind.OTHER, _reason(found, MailKind.OTHER)
    return MailKind.REQUEST, "asks for service" if asks_help else "nothing says otherwise"


def _broken(reading: Reading) -> bool:
    return reading.facts.description is not None or (reading.facts.impact is not None)


def _needs_service(reading: Reading, text: str) -> bool:
    """Whether the mail tells of a fault or asks for a technician, training or a visit."""
    if reading.facts.description is not None or Flag.DANGER in reading.flags:
        return True
    return bool(reading.facts.impact and reading.facts.device) or bool(
        re.search(r"\b(?:serwisant\w*|wizyt[eay] serwis\w*|awari\w*|usterk\w*|zepsu\w*|technician|service visit|breakdown|nie dziala\w*|przyjazd serwisu|zgloszenie serwisowe)\b", fold(text[:4000]))
    )


def _first(found: list[Hit], meaning: str, text: str) -> bool:
    """Whether the cue stands in the first lines."""
    return any(hit.meaning == meaning and hit.sentence.start < 250 for hit in found) and len(text) < 1500


def _reason(found: list[Hit], kind: MailKind) -> str:
    words = next((hit.text for hit in found if hit.meaning == kind.value), "")
    return f"words: {' '.join(words.split())[:80]}"
