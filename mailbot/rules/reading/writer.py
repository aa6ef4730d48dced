"""Who writes: the contact, the company and the phone number, each from the places that may tell it, in the order of trust."""

from __future__ import annotations

import re
from functools import lru_cache

from mailbot.model.facts import Fact, Where
from mailbot.rules.reading import company_legal, company_lines, company_text, morphology, signer
from mailbot.rules.reading import person as people
from mailbot.rules.reading.company import heaviest
from mailbot.rules.reading.company_name import of_form_line
from mailbot.rules.reading.contact import named_contact
from mailbot.rules.reading.cues import in_class
from mailbot.rules.reading.firm import Writer, agrees
from mailbot.rules.reading.introduction import introduced
from mailbot.rules.reading.language import language_of
from mailbot.rules.reading.layout import BELONGS_TO, is_job_title, words_of
from mailbot.rules.reading.phone import choose, find_phones, normalise_phone, region_of
from mailbot.rules.reading.places import Places
from mailbot.rules.reading.trade import is_made_up
from mailbot.rules.reading.view import Passage, Role, mark_signature
from mailbot.rules.reading.words import fold


def contact_of(places: Places) -> people.Name | None:
    labelled = places.form_line("name")
    if labelled and not _is_a_post(labelled.value):
        name = people.as_name(re.split(r"[,;(]|\s-\s|\btel\b|\bkom\b|\d|\+", labelled.value)[0], Where.FORM, trust=True)
        known = places.context.known
        if (
            name
            and not name.full
            and known
            and known.first_name
            and not known.last_name
            and fold(name.text) != fold(known.first_name.value)
        ):
            return people.Name(known.first_name.value, name.last or name.first, name.text, Where.FORM)
        if name:
            return name
    first, last = places.form_line("first"), places.form_line("last")
    known_first = places.context.known.first_name.value if places.context.known and places.context.known.first_name else None
    if last and (first or known_first):
        return people.Name(first.value.title() if first else known_first, last.value.title(), last.text, Where.FORM)
    sender = signer.from_display(places.display, places.local_part, places.mail.from_.domain if places.mail.from_ else "")
    signature = signer.signed(places.signature, places.local_part, sender) or _last_words(places, sender)
    if signature is None and places.own:
        signature = signer.signed(_signature_of(places.own[0]), places.local_part)
    if signature is None and sender is None:
        signature = signer.surnamed(places.signature, places.display)
    theirs = frozenset(map(fold, (*people.address_words(places.local_part), *words_of(places.display))))
    surely = sender if sender and signature and (sender.first, sender.last) == (signature.first, signature.last) else None
    said = named_contact(places.new) or introduced(f"{places.new}\n{places.signature}", theirs, surely)
    if said and said.full:
        return said
    written = people.reconcile(signature, sender)
    english = language_of(places.new, default="pl") == "en"
    if english and written and not written.full and len(words_of(written.text)) == 1:  # English mails are signed with first names
        word = written.first or written.last
        surname = word and _is_surname_of(word, places.local_part)
        written = people.Name(None if surname else word, word if surname else None, written.text, written.where)
    if said is None and written and written.first and not written.last:
        written = _completed(written, places)
    if said and said.first and not said.last:
        said = _with_initial(said, written) or _completed(said, places)
        if said.full:
            return said
    if said and (written is None or not said.first or not people.same_first_name(said.first, written.first or "")):
        return said if written is None or not (written.full and said.last is None and said.where is not Where.TEXT) else written
    return written


def _is_surname_of(word: str, local_part: str) -> bool:
    """Whether an address has something before a word that makes it the surname: r.smith@…, jan.kowalczyk@…, moyelaran@…."""
    before, _, last = local_part.replace("_", ".").rpartition(".")
    known = people.is_given_name(word) or in_class(fold(before), "department")
    return not known and (fold(last) == fold(word) if before else fold(last)[1:] == fold(word))


def _is_a_post(value: str) -> bool:
    """Whether a name's line gives a job and nobody's name: "Kontakt: brygadzista zmiany, tel. …"."""
    words = words_of(value)[:2]
    return is_job_title(value) and bool(words) and words[0][0].islower() and not any(people.is_given_name(word) for word in words)


def _with_initial(said: people.Name, written: people.Name | None) -> people.Name | None:
    """Somebody called by the first name who signs with its letter: "call Moses … M. Oyelaran"."""
    if written is None or written.first or not written.last or not (written.text or "").startswith(f"{(said.first or '-')[0]}."):
        return None
    return people.Name(said.first, written.last, written.text, written.where)


def _completed(name: people.Name, places: Places) -> people.Name:
    """A first name with the surname that another place of the text gives: "(piszę ja, Karolina)" and "Karolina Kania"."""
    if len(name.text.split()) > 1 or not name.first or name.text not in places.new + places.signature:
        return name
    text = f"{places.new}\n{places.signature}"
    for match in _WHOLE_NAME.finditer(text):
        short, last = match.groups()
        if fold(short) == fold(name.first) and morphology.is_surname(last) and not _is_spoken_of(text, match):
            return people.Name(name.first, last, f"{short} {last}", name.where)
    return name


def _is_spoken_of(text: str, name: re.Match[str]) -> bool:
    """Whether a name is that of somebody else who did something: "Adam Mickiewicz polecił nam Was"."""
    behind = words_of(text[name.end() : name.end() + 30])[:1]
    return any(word[0].islower() and morphology.is_third_person(word) for word in behind)


_PIECE_END = re.compile(
    r"[!?]\s+|(?<!\b(?-i:[A-ZŁŚŻ]))(?<!\b(?:ul|al|dr|ks|nr|ds))(?<!\b(?:tel|kom|mob|wew|inż|mgr|mrs|lek))(?<!\bwewn)\.\s+|"
    r"\d[\d -]{7,12}\d\s+(?=(?-i:[A-ZŁŚŻ]))|\s{2,}|\bpozdrawiam,?\s+|\bpozdr\.?,?\s+|\bregards,?\s+",
    re.IGNORECASE,
)
"""Where the last piece of a line begins: behind a sentence (no abbreviation), a number or a farewell."""
_LONGEST_PIECE = 300
_WHOLE_NAME = re.compile(r"(?<![\w-])([A-ZŁŚŻ][^\W\d_]{2,})[ ]([A-ZŁŚŻŹĆ][^\W\d_]{2,}(?:-[A-Z][^\W\d_]+)?)")


@lru_cache(maxsize=8)
def _last_piece(text: str) -> str:
    """The end of running text, where it tells nothing: "… co można zrobić? Blanka Zeszyt, Studio Zeszyt"."""
    line = text.rstrip().rsplit("\n", 1)[-1]
    tail = _PIECE_END.split(line[-_LONGEST_PIECE:])[-1].strip(" .")
    for piece in (tail, tail.split(",")[0].strip()):  # "Ola Sokół, u nas firma się nazywa …"
        if not any(morphology.is_finite_verb(word) and word[0].islower() for word in words_of(piece)):
            return piece if len(piece) <= _SHORT_PIECE and not line.rstrip().endswith(("!", "?")) else ""
    return ""


_PARTED = re.compile(r",|\s(?:and|&)\s")  # "Bea Hollis and the team at Stage Left"
_SHORT_PIECE = 80  # letters of the end of a text that may be a signature


def _last_words(places: Places, sender: people.Name | None = None) -> people.Name | None:
    """A name at the very end of running text."""
    tail = _last_piece(places.new)
    signed = bool(tail) and (
        morphology.is_first_name(tail.split()[0].strip(",."))
        or people.as_name(_PARTED.split(tail)[0], Where.TEXT, local_part=places.local_part) is not None
    )
    return signer.signed(tail, places.local_part, sender) if signed else None


def _signature_of(passage: Passage) -> str:
    lines = passage.text.split("\n")
    return "\n".join(line for line, role in zip(lines, mark_signature(lines), strict=True) if role is Role.SIGNATURE)


def company_of(places: Places, person: people.Name | None) -> Fact | None:
    """The writer's company: labelled, else the one for which most speaks in text, signature and From name."""
    labelled = places.form_line("company")
    if labelled:
        return Fact(of_form_line(labelled.value), Where.FORM, labelled.text)
    lower = bool(places.signature) and not any(char.isupper() for char in places.signature)
    writer = Writer(person, places.display, places.mail.from_.email if places.mail.from_ else "", lower)
    signature = BELONGS_TO.sub("", "\n".join(part for part in (_tail_line(places, writer), places.signature) if part))
    older = "\n".join(_signature_of(passage) for passage in places.own[:3])
    found = heaviest(
        [
            *company_lines.in_signature(signature, writer),
            *company_lines.in_signature(older, writer),
            *company_lines.in_signature(places.footer_tail, writer),
            *([] if places.context.known else company_lines.beside_person(places.new, writer)),  # answers have a reader of their own
            *company_text.in_text(places.new, writer),
            *company_text.in_text(signature, writer),
            *company_legal.spelt(places.new, writer),
            *company_legal.legal_in_text(places.new, writer),
            *company_legal.legal_in_text(places.disclaimer, writer),
            *company_legal.controller(places.disclaimer, writer),
            *company_legal.legal_in_text(places.subject, writer),
            *company_text.in_text(places.subject, writer),
            *company_lines.in_subject(places.subject, writer),
            *company_lines.in_display(places.display, writer),
        ]
    )
    if found is None:
        of_colleagues = "\n".join(_signature_of(passage) for passage in places.of_colleagues[:3])
        found = heaviest(company_lines.in_signature(of_colleagues, writer))
    return Fact(found.value, found.where, found.text) if found else None


def _tail_line(places: Places, writer: Writer) -> str:
    """The end of the last line of text when it is a signature in disguise: a name, or a firm that the address agrees with."""
    name = _last_words(places)
    if name is None:
        tail = _last_piece(places.new)
        return tail if agrees(tail, writer.labels) and any(map(is_made_up, words_of(tail)[:1])) else ""
    line = places.new.rstrip().rsplit("\n", 1)[-1]
    at = line.rfind(name.text.split()[0])
    return line[at:] if at >= 0 else ""


def phone_of(places: Places) -> Fact | None:
    """The number to call the contact at: labelled, then wished for, then the best of the text and the signature."""
    own, region = places.own_phones, _region(places)
    best = choose([phone for line in places.form if line.item in ("phone", "name") for phone in find_phones(line.value, own, region)])
    if best:
        return Fact(best.e164, Where.FORM, best.text)
    typed = next((normalise_phone(line.value) for line in places.form if line.item == "phone"), None)
    if typed and typed[0] not in own:
        return Fact(typed[0], Where.FORM, "")
    subject = find_phones(places.subject, own, region)
    new = find_phones(places.new, own, region)
    wish = next((phone for phone in reversed([*subject, *new]) if phone.rank == 0), None)
    if wish:
        return Fact(wish.e164, Where.TEXT, wish.text)
    signature = find_phones(places.signature, own, region)
    best = choose([*new, *signature, *subject])
    if best is None and places.own_text:
        best = choose(find_phones(places.own_text, own, region))
    return Fact(best.e164, Where.SIGNATURE if best in signature else Where.TEXT, best.text) if best else None


def _region(places: Places) -> str:
    """Where the writer dials: by signature, greeting and the top level of the address; Polish words say it at once."""
    if len(re.findall("[ąćęłńśźż]", places.new[:1500])) >= 3:
        return "PL"
    domain = places.mail.from_.domain if places.mail.from_ else ""
    return region_of("\n".join((places.new[:2000], places.signature, domain)))
