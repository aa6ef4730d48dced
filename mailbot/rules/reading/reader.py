"""A mail becomes a `Reading`: the view first, then each fact from the places that may tell it, in the order of trust."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mailbot.model.facts import Fact, Facts, Flag, Item, Reading, Remark, Where
from mailbot.model.mail import Address, Mail
from mailbot.rules.reading import company as companies
from mailbot.rules.reading import company_text, morphology
from mailbot.rules.reading import contact as contacts
from mailbot.rules.reading import device as machines
from mailbot.rules.reading import person as people
from mailbot.rules.reading.answers import bare_values
from mailbot.rules.reading.context import MAX_TEXT, ReadingContext
from mailbot.rules.reading.cues import squeeze
from mailbot.rules.reading.description import read_description, training_topics
from mailbot.rules.reading.form import Filled, filled_lines
from mailbot.rules.reading.impact import read_impact, read_level
from mailbot.rules.reading.language import language_of
from mailbot.rules.reading.layout import words_of
from mailbot.rules.reading.phone import choose, find_phones, normalise_phone
from mailbot.rules.reading.remarks import is_only_promise, is_only_thanks, remarks_of
from mailbot.rules.reading.serial import find_serial
from mailbot.rules.reading.view import Passage, Role, TextView, split_text
from mailbot.rules.reading.words import fold, sentences

_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,20}")
_BEHALF = re.compile(
    r"(?i)(?:w imieniu|on behalf of|w zastępstwie|dla klienta|za klienta)\s*:?\s*(?:klienta\s*:?\s*)?"
    r"<?([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,20})"
)
_PREFIX = re.compile(
    r"(?i)^(?:\s*(?:re|odp|fwd?|pd|wg|aw|odpowiedź|fw|tr|sv|vs|antw|ponaglenie)(?:\[\d+\])?\s*:\s*|\s*\[[^\]]{0,40}\]\s*)+"
)


@dataclass(frozen=True, slots=True)
class _Places:
    """The parts of a mail that facts are read from."""

    mail: Mail
    view: TextView
    context: ReadingContext
    new: str
    subject: str
    signature: str
    forwarded: str
    form: tuple[Filled, ...]
    own_passage: Passage | None  # an older mail of the sender, quoted

    @property
    def local_part(self) -> str:
        return self.mail.from_.email.partition("@")[0] if self.mail.from_ else ""

    @property
    def own_phones(self) -> frozenset[str]:
        return frozenset(found[0] for number in self.context.service.own_phones if (found := normalise_phone(number)))


def read(mail: Mail, context: ReadingContext) -> Reading:
    """The facts and remarks of a mail. Never raises on any text; the work is linear, and only the first 40,000 characters are read."""
    view = split_text(mail, context.service, quotes_us=bool(context.asked))
    if context.forwarded_is_customer and (customer := _forwarded_mail(mail, view)):
        return _read_for_customer(view, customer, context)
    places = _gather(mail, view, context)
    facts = _facts(places)
    remarks = _remarks(places, facts)
    language = language_of(_prose(places), places.subject, places.forwarded[:1500] + "\n" + places.signature, default=context.language)
    behalf = _BEHALF.search(mail.text[:MAX_TEXT])
    if behalf:
        remarks = (*remarks, Remark(Flag.ON_BEHALF, squeeze(behalf.group())))
    return Reading(language, facts, remarks, view.new, behalf.group(1) if behalf else None)


def _forwarded_mail(mail: Mail, view: TextView) -> Mail | None:
    """The mail that a colleague passes on, as if it had come by itself."""
    passage = next((passage for passage in view.passages if passage.role is Role.FORWARDED), None)
    if passage is None:
        return None
    return replace(
        mail,
        from_=passage.author or Address("", ""),
        subject=passage.subject or _PREFIX.sub("", mail.subject),
        text=passage.text,
        html=None,
        attached=(),
    )


def _read_for_customer(view: TextView, customer: Mail, context: ReadingContext) -> Reading:
    inner = read(customer, replace(context, forwarded_is_customer=False))
    address = customer.from_.email if customer.from_ and customer.from_.email else None
    behalf = _BEHALF.search(view.new)
    facts = replace(inner.facts, **{name: replace(fact, where=Where.FORWARDED) for name, fact in inner.facts.found()})
    remarks = (*inner.remarks, Remark(Flag.ON_BEHALF, squeeze(behalf.group()) if behalf else address or ""))
    return Reading(inner.language, facts, remarks, view.new, behalf.group(1) if behalf else address)


def _gather(mail: Mail, view: TextView, context: ReadingContext) -> _Places:
    new = view.new[:MAX_TEXT]
    signature = view.signature[:4000]
    ours = filled_lines(view.quoted[:MAX_TEXT], form_only=True) if context.asked else []
    form = (*ours, *filled_lines(f"{new}\n\n{signature}"))
    sender = mail.from_.key if mail.from_ else ""
    own = next(
        (
            passage
            for passage in view.passages
            if passage.role is Role.FORWARDED and passage.author and passage.author.email and passage.author.key == sender
        ),
        None,
    )
    return _Places(
        mail,
        view,
        context,
        new,
        "" if context.asked else _PREFIX.sub("", mail.subject)[:500],
        signature,
        view.forwarded[:MAX_TEXT],
        form,
        own,
    )


def _prose(places: _Places) -> str:
    return places.new


def _facts(places: _Places) -> Facts:
    person = _person(places)
    company = _company(places, person)
    facts = Facts(
        email=_email(places),
        phone=_phone(places),
        company=company,
        device=_device(places),
        serial=_serial(places),
        description=_description(places),
        impact=_impact(places),
    )
    if person:
        facts = replace(
            facts,
            first_name=Fact(person.first, person.where, person.text, True, person.correction) if person.first else None,
            last_name=Fact(person.last, person.where, person.text, True, person.correction) if person.last else None,
        )
    if places.context.asked:
        facts = bare_values(facts, places.new, places.signature, places.context)
    return _on_one_line(facts)


def _on_one_line(facts: Facts) -> Facts:
    """Values and evidence without line breaks, tabs and double spaces; what is empty then is no fact."""
    squeezed = {name: replace(fact, value=squeeze(fact.value), text=squeeze(fact.text)[:400]) for name, fact in facts.found()}
    return Facts(**{name: fact for name, fact in squeezed.items() if fact.value})


def _form(places: _Places, *items: str) -> Filled | None:
    return next((line for line in places.form if line.item in items and not line.unknown), None)


def _person(places: _Places) -> people.Name | None:
    labelled = _form(places, "name")
    if labelled:
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
    first, last = _form(places, "first"), _form(places, "last")
    known_first = places.context.known.first_name.value if places.context.known and places.context.known.first_name else None
    if last and (first or known_first):
        return people.Name(first.value.title() if first else known_first, last.value.title(), last.text, Where.FORM)
    said = contacts.named_contact(places.new) or contacts.introduced(f"{places.new}\n{places.signature}")
    display = places.mail.from_.name if places.mail.from_ else ""
    sender = contacts.from_display(display, places.local_part)
    signature = contacts.signed(places.signature, places.local_part) or _last_words(places)
    if signature is None and places.own_passage:
        signature = contacts.signed(_signature_of(places.own_passage), places.local_part)
    if said and said.full:
        return said
    written = people.reconcile(signature, sender)
    if said and (written is None or not said.first or not people.same_first_name(said.first, written.first or "")):
        return said if written is None or not (written.full and said.last is None and said.where is not Where.TEXT) else written
    if written and not written.full and sender is None:
        owner = _owner(places, written)
        return owner or written
    return written or _owner(places, None)


def _owner(places: _Places, half: people.Name | None) -> people.Name | None:
    """A sole trader's name at the end of the firm's line: "FHU ZENDRUK Zenon Fikuśny"."""
    for line in places.signature.split("\n"):
        words = people.pieces(line)
        if len(words) >= 3:
            name = people.as_name(" ".join(words[-2:]), Where.SIGNATURE)
            if (
                name
                and name.full
                and morphology.is_first_name(words[-2])
                and (half is None or (half.first and people.same_first_name(half.first, name.first or "")))
            ):
                return name
    return None


def _last_words(places: _Places) -> people.Name | None:
    """A name at the very end of running text: "… co można zrobić? Blanka Zeszyt, Studio Zeszyt"."""
    text = places.new.rstrip()
    line = text.rsplit("\n", 1)[-1]
    tail = re.split(r"[.!?]\s+|\s{2,}|\bpozdrawiam,?\s+|\bpozdr\.?,?\s+|\bregards,?\s+", line, flags=re.IGNORECASE)[-1].strip(" .")
    if not tail or len(tail) > 80 or line.rstrip().endswith(("!", "?")):
        return None
    if any(morphology.is_finite_verb(word) and word[0].islower() for word in words_of(tail)):
        return None
    return (
        contacts.signed(tail, places.local_part)
        if morphology.is_first_name(tail.split()[0].strip(",."))
        or people.as_name(tail.split(",")[0], Where.TEXT, local_part=places.local_part)
        else None
    )


def _signature_of(passage: Passage) -> str:
    from mailbot.rules.reading.view import mark_signature

    lines = passage.text.split("\n")
    return "\n".join(line for line, role in zip(lines, mark_signature(lines), strict=True) if role is Role.SIGNATURE)


def _fact(found: companies.Company | None) -> Fact | None:
    return Fact(found.value, found.where, found.text) if found else None


def _company(places: _Places, person: people.Name | None) -> Fact | None:
    labelled = _form(places, "company")
    if labelled:
        return Fact(companies.trim(labelled.value), Where.FORM, labelled.text)
    display = places.mail.from_.name if places.mail.from_ else ""
    text_tail = _tail_line(places)
    signature = "\n".join(
        part for part in (text_tail, places.signature, _signature_of(places.own_passage) if places.own_passage else "") if part
    )
    found = [
        company
        for company in (
            companies.in_signature(signature, person),
            company_text.in_text(places.new),
            company_text.in_text(signature),
            company_text.legal_in_text(places.new),
            companies.in_display(display, person),
        )
        if company
    ]
    return _fact(companies.fullest(found))


def _tail_line(places: _Places) -> str:
    """The end of the last line of text when it is a signature in disguise."""
    name = _last_words(places)
    if name is None:
        return ""
    line = places.new.rstrip().rsplit("\n", 1)[-1]
    at = line.rfind(name.text.split()[0])
    return line[at:] if at >= 0 else ""


def _email(places: _Places) -> Fact | None:
    labelled = _form(places, "email")
    sender = places.mail.from_.key if places.mail.from_ else ""
    ours = places.context.service.own_addresses
    domain = places.context.service.address.rpartition("@")[2].lower()
    if labelled and (found := _EMAIL.search(labelled.value)):
        return Fact(found.group(), Where.FORM, labelled.text) if found.group().lower() != sender else None
    for found in _EMAIL.finditer(places.new):
        address = found.group()
        before = places.new[max(0, found.start() - 60) : found.start()]
        wanted = re.search(r"(?i)(kontakt|odpowied|pisać|napisać|adres|mail|na|contact|reply|write|reach|to)\W*$", before)
        if wanted and address.lower() not in ours and not address.lower().endswith(domain) and address.lower() != sender:
            return Fact(address, Where.TEXT, squeeze(before[-30:] + address))
    return None


def _phone(places: _Places) -> Fact | None:
    own = places.own_phones
    best = choose([phone for line in places.form if line.item in ("phone", "name") for phone in find_phones(line.value, own)])
    if best:
        return Fact(best.e164, Where.FORM, best.text)
    typed = next((normalise_phone(line.value) for line in places.form if line.item == "phone"), None)
    if typed and typed[0] not in own:
        return Fact(typed[0], Where.FORM, "")
    subject = find_phones(places.subject, own)
    new = find_phones(places.new, own)
    wish = next((phone for phone in reversed([*subject, *new]) if phone.rank == 0), None)
    if wish:
        return Fact(wish.e164, Where.TEXT, wish.text)
    signature = find_phones(places.signature, own)
    best = choose([*new, *signature, *subject])
    if best is None and places.own_passage:
        best = choose(find_phones(places.own_passage.text, own))
    return Fact(best.e164, Where.SIGNATURE if best in signature else Where.TEXT, best.text) if best else None


def _device(places: _Places) -> Fact | None:
    devices = places.context.service.devices
    labelled = _form(places, "device")
    if labelled:
        mentions = machines.find_mentions(labelled.value, devices)
        chosen = machines.choose_device(mentions)
        if chosen and chosen.name:
            return Fact(chosen.name, Where.FORM, labelled.text)
    hinted = places.new if not places.context.known else f"{places.new}"
    sources = [
        (hinted, Where.TEXT),
        (places.subject, Where.SUBJECT),
        (places.forwarded, Where.FORWARDED),
        (places.signature, Where.SIGNATURE),
    ]
    if not places.context.asked:
        quoted = " ".join(re.findall(r"(?m)^.*$", places.view.quoted[:4000]))
        sources.append((quoted if "Re:" in places.mail.subject else "", Where.FORWARDED))
    everything: list[machines.Mention] = []
    for text, where in sources:
        mentions = machines.find_mentions(text, devices)
        everything += mentions
        chosen = machines.choose_device(mentions)
        if chosen and chosen.name:
            return Fact(chosen.name, where, chosen.text, True, _corrects(chosen.sentence.text))
    name = machines.complete(everything, devices)
    return Fact(name, Where.TEXT, everything[0].text) if name else None


_CORRECTION = re.compile(
    r"(?i)\b(pomyli\w*|popraw\w*|sprost\w*|pomyłk\w*|błędnie|zamiast|nie \S+(?: \S+)?,? (?:tylko|lecz|a)\b|"
    r"wrong|mistake|correct\w*|instead|actually|not the|jednak)"
)


def _corrects(sentence: str) -> bool:
    return bool(_CORRECTION.search(sentence))


def _serial(places: _Places) -> Fact | None:
    labelled = _form(places, "serial")
    if labelled and re.search(r"\d", labelled.value):
        return Fact(labelled.value.split(",")[0].strip(" ."), Where.FORM, labelled.text)
    for text, where in (
        (places.new, Where.TEXT),
        (places.subject, Where.SUBJECT),
        (places.signature, Where.SIGNATURE),
        (places.forwarded, Where.FORWARDED),
    ):
        found = find_serial(text)
        if found:
            return Fact(found[0], where, squeeze(found[1]))
    return None


def _description(places: _Places) -> Fact | None:
    labelled = _form(places, "description")
    if labelled and (read_description(labelled.value) or (places.context.asked and not _SAYS_NOTHING.match(fold(labelled.value)))):
        return Fact(squeeze(labelled.value)[:600], Where.FORM, labelled.text)
    for text, where in ((places.new, Where.TEXT), (places.subject, Where.SUBJECT), (places.forwarded, Where.FORWARDED)):
        found = read_description(text)
        if found:
            return Fact(found, where, found[:200])
    trained = any(remark.flag is Flag.TRAINING for remark in remarks_of([*sentences(places.subject), *sentences(places.new)], False))
    topics = training_topics(places.new) if trained else None
    return Fact(topics, Where.TEXT, topics[:200]) if topics else None


_SAYS_NOTHING = re.compile(
    r"^\W*(?:awaria|usterka|problem|nie dziala|maszyna nie dziala|jak wyzej|patrz zalacznik|w zalaczniku|zdjecia|.{0,3})\W*$"
)


def _impact(places: _Places) -> Fact | None:
    labelled = _form(places, "impact")
    level = read_level(labelled.value) if labelled else None
    if labelled and level is None and (implied := read_impact(labelled.value, Where.FORM)):
        return implied
    if labelled and level:
        later = read_impact(places.new, Where.TEXT) if places.context.asked else None
        return later if later and later.correction and later.stated else Fact(level.value, Where.FORM, labelled.text)
    asked = places.context.asked
    found = read_impact(places.new, Where.TEXT, judged=not asked or Item.IMPACT in asked)
    subject = read_impact(places.subject, Where.SUBJECT)
    if subject and (found is None or (subject.stated and not found.stated)):
        return subject
    if found is None and places.forwarded:
        return read_impact(places.forwarded, Where.FORWARDED)
    return found


def _remarks(places: _Places, facts: Facts) -> tuple[Remark, ...]:
    text = places.new
    parts = sentences(text)
    symptom = (facts.description is not None and not places.context.asked) or read_description(text) is not None
    found = remarks_of([*sentences(places.subject), *parts, *(sentences(places.forwarded[:6000]) if places.forwarded else [])], symptom)
    makers = machines.find_other_makers(places.subject, text, places.forwarded[:6000])
    if makers and facts.device is None:
        found += [Remark(Flag.OTHER_MAKER, makers[0].text), Remark(Flag.THIRD_PARTY, makers[0].text)]
    devices = places.context.service.devices
    names = {mention.name for part in (places.subject, text) for mention in machines.find_mentions(part, devices) if mention.name}
    if len(names) > 1:
        found.append(Remark(Flag.SEVERAL_DEVICES, ", ".join(sorted(names))))
    unknown = next((line for line in places.form if line.unknown), None)
    if unknown:
        found.append(Remark(Flag.DOES_NOT_KNOW, unknown.text))
    known = any((facts.company, facts.device, facts.impact, facts.description)) and bool(places.context.asked)
    if not places.form and not known:
        if is_only_thanks(text, parts, symptom):
            found.append(Remark(Flag.THANKS_ONLY, squeeze(text)[:100]))
        elif is_only_promise(text, parts, symptom):
            found.append(Remark(Flag.PROMISE_ONLY, squeeze(text)[:100]))
    if places.mail.attachments and not re.search(r"\w{3,}.*\w{3,}.*\w{3,}", squeeze(text)):
        found.append(Remark(Flag.ONLY_ATTACHMENTS, ", ".join(item.name for item in places.mail.attachments[:3])))
    unique: dict[Flag, Remark] = {}
    for remark in found:
        unique.setdefault(remark.flag, remark)
    return tuple(unique.values())
