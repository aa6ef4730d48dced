"""A mail becomes a `Reading`: the view first, then each fact from the places that may tell it, in the order of trust."""

from __future__ import annotations

import re
from dataclasses import replace

from mailbot.model.facts import Fact, Facts, Flag, Impact, Item, Reading, Remark, Where
from mailbot.model.mail import Address, Mail
from mailbot.rules.reading import device as machines
from mailbot.rules.reading.answer_company import is_new_name
from mailbot.rules.reading.answer_level import answered_level, tells_of_change
from mailbot.rules.reading.answers import bare_device, bare_values, corrected_device, pointed_device
from mailbot.rules.reading.context import MAX_TEXT, ReadingContext
from mailbot.rules.reading.courtesy import is_only_promise, is_only_thanks, promises, without_promises
from mailbot.rules.reading.cues import all_hits, squeeze
from mailbot.rules.reading.description import read_description, training_topics
from mailbot.rules.reading.form import filled_lines, is_form_label, without_form
from mailbot.rules.reading.impact import read_impact, read_level
from mailbot.rules.reading.language import language_of
from mailbot.rules.reading.named_level import chosen_level, named_levels
from mailbot.rules.reading.other_maker import is_about_theirs
from mailbot.rules.reading.places import Places
from mailbot.rules.reading.remarks import remarks_of
from mailbot.rules.reading.serial import find_serial
from mailbot.rules.reading.view import Passage, Role, TextView, split_text
from mailbot.rules.reading.words import fold, sentences
from mailbot.rules.reading.writer import company_of, contact_of, phone_of

_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,20}")
_BEHALF = re.compile(
    r"(?i)(?:w imieniu|on behalf of|w zastępstwie|dla klienta|za klienta)\s*:?\s*(?:klienta\s*:?\s*)?"
    r"<?([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,20})"
)
_BEHALF_WORDS = ("imieniu", "behalf", "zastępstwie", "klienta")  # one of them is there, and looking for them costs little
_PREFIX = re.compile(
    r"(?i)^(?:\s*(?:re|odp|fwd?|pd|wg|aw|odpowiedź|fw|tr|sv|vs|antw|ponaglenie)(?:\[\d+\])?\s*:\s*|\s*\[[^\]]{0,40}\]\s*)+"
)


def read(mail: Mail, context: ReadingContext) -> Reading:
    """The facts and remarks of a mail. Never raises on any text; the work is linear, and only the first 40,000 characters are read."""
    view = split_text(mail, context.service, quotes_us=bool(context.asked))
    if context.forwarded_is_customer and (customer := _forwarded_mail(mail, view)):
        return _read_for_customer(view, customer, context)
    places = _gather(mail, view, context)
    facts = _facts(places)
    remarks = _remarks(places, facts)
    if any(remark.flag is Flag.DANGER for remark in remarks):
        facts = _without_calm(facts)
    language = language_of(places.new, places.subject, places.forwarded[:1500] + "\n" + places.signature, default=context.language)
    behalf = _on_behalf(mail.text[:MAX_TEXT])
    if behalf:
        remarks = (*remarks, Remark(Flag.ON_BEHALF, squeeze(behalf.group())))
    return Reading(language, facts, remarks, view.new, behalf.group(1) if behalf else None)


def _without_calm(facts: Facts) -> Facts:
    """The facts of a dangerous case: who switched off a smoking machine cleared no fault by a restart, unless it is said to run."""
    impact = facts.impact
    calm = impact is not None and impact.value == Impact.LOW.value and not impact.stated and not all_hits(impact.text, ("works",))
    return replace(facts, impact=None) if calm else facts


def _on_behalf(text: str) -> re.Match[str] | None:
    """The words that name the customer for whom somebody writes, with the address."""
    lowered = text.lower()
    return _BEHALF.search(text) if any(word in lowered for word in _BEHALF_WORDS) else None


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
    behalf = _on_behalf(view.new)
    facts = replace(inner.facts, **{name: replace(fact, where=Where.FORWARDED) for name, fact in inner.facts.found()})
    remarks = (*inner.remarks, Remark(Flag.ON_BEHALF, squeeze(behalf.group()) if behalf else address or ""))
    return Reading(inner.language, facts, remarks, view.new, behalf.group(1) if behalf else address)


def _gather(mail: Mail, view: TextView, context: ReadingContext) -> Places:
    new = view.new[:MAX_TEXT]
    signature = view.signature[:4000]
    ours = [
        line
        for text in ((view.quoted, _below_our_labels(view)) if context.asked else ())
        for line in filled_lines(text[:MAX_TEXT], form_only=True)
    ]
    form = (*ours, *filled_lines(f"{new}\n\n{signature}"))
    return Places(
        mail,
        view,
        context,
        new,
        "" if context.asked else _PREFIX.sub("", mail.subject)[:500],
        signature,
        view.forwarded[:MAX_TEXT],
        form,
        tuple(passage for passage in view.passages if _is_by(passage, mail.from_)),
    )


def _below_our_labels(view: TextView) -> str:
    """The labels of our quoted question with what was written between them: a value may stand below its label."""
    if not view.quoted:
        return ""
    return "\n".join("" if line.role is Role.QUOTED and not is_form_label(line.text) else line.text for line in view.lines)


def _is_by(passage: Passage, sender: Address | None) -> bool:
    """Whether the sender wrote a quoted mail: their address, or their name where no address stands."""
    author = passage.author
    if author is None or sender is None:
        return False
    if author.email:
        return author.key == sender.key
    return len(sender.name.split()) >= 2 and fold(sender.name) in fold(author.name)  # "On Monday Kurt Dalgaard wrote"


def _facts(places: Places) -> Facts:
    person = contact_of(places)
    company = company_of(places, person)
    if company and places.context.known and is_new_name(company.value, places.new):
        company = replace(company, correction=True)
    facts = Facts(
        email=_email(places),
        phone=phone_of(places),
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


def _email(places: Places) -> Fact | None:
    labelled = places.form_line("email")
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


def _device(places: Places) -> Fact | None:
    devices = places.context.service.devices
    labelled = places.form_line("device")
    if labelled:
        mentions = machines.find_mentions(labelled.value, devices)
        chosen = machines.choose_device(mentions)
        name = chosen.name if chosen else bare_device(labelled.value, places.context)
        if name:
            return Fact(name, Where.FORM, labelled.text)
    if places.context.known and (corrected := corrected_device(places.new, places.context)):
        return corrected
    if places.context.asked and (pointed := pointed_device(places.new, devices)):
        return pointed
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
    if is_about_theirs(places.new, devices):
        return None
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


def _serial(places: Places) -> Fact | None:
    labelled = places.form_line("serial")
    if labelled and re.search(r"\d", labelled.value):
        return Fact(labelled.value.split(",")[0].strip(" ."), Where.FORM, labelled.text)
    device = places.form_line("device")
    for text, where in (
        (device.value if device else "", Where.FORM),
        (places.new, Where.TEXT),
        (places.subject, Where.SUBJECT),
        (places.signature, Where.SIGNATURE),
        (places.forwarded, Where.FORWARDED),
    ):
        found = find_serial(text)
        if found:
            return Fact(found[0], where, squeeze(found[1]))
    return None


def _description(places: Places) -> Fact | None:
    labelled = places.form_line("description")
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
    r"^\W*(?:awaria|usterka|problem|nie dziala|maszyna nie dziala|(?:dokladnie |znowu |ciagle )?to samo(?: co| jak)?\b.{0,60}|"
    r"t[ae][nj]? sam[aey]? (?:problem|usterk|awari|blad)\w*.{0,40}|jak (?:ostatnio|poprzednio|w zgloszeniu|w mailu|wczesniej).{0,60}|"
    r"same as (?:before|last|reported|in).{0,40}|jak wyzej|patrz zalacznik|w zalaczniku|zdjecia|.{0,3})\W*$"
)


def _impact(places: Places) -> Fact | None:
    labelled = places.form_line("impact")
    level = read_level(labelled.value) if labelled else None
    if labelled and level is None and (implied := read_impact(labelled.value, Where.FORM)):
        return implied
    if labelled and level:
        later = answered_level(without_form(places.new), asked=False)
        return later if later and later.correction else Fact(level.value, Where.FORM, labelled.text)
    asked = places.context.asked
    if asked and (answered := answered_level(without_form(places.new), asked=Item.IMPACT in asked)):
        return answered
    told = without_promises(places.new) if asked else places.new
    found = read_impact(told, Where.TEXT, judged=not asked or Item.IMPACT in asked)
    if places.context.known and found and tells_of_change(places.new):
        found = replace(found, correction=True)
    subject = read_impact(places.subject, Where.SUBJECT)
    if subject and (found is None or (subject.stated and not found.stated)):
        return subject
    if not (found and found.stated) and (named := chosen_level(named_levels(places.signature))) and "label" in named.evidence:
        return Fact(named.impact.value, Where.SIGNATURE, named.text)  # below the greeting, as an afterthought
    if found is None and places.forwarded:
        return read_impact(places.forwarded, Where.FORWARDED)
    return found


def _brings(facts: Facts, asked: tuple[Item, ...]) -> bool:
    """Whether an answer brings something: what was asked for, or another number. Who a mail is from it says in any case."""
    said = Facts(**{name: fact for name, fact in facts.found() if fact.where is not Where.SENDER})
    new = said.phone is not None and said.phone.where is Where.TEXT
    return bool(asked) and (new or any((said.company, said.device, said.impact, said.description)) or not set(asked) <= set(said.missing()))


def _names(facts: Facts) -> frozenset[str]:
    """The words of the writer's name, folded."""
    halves = (facts.first_name, facts.last_name)
    return frozenset(fold(word) for half in halves if half for word in half.value.split())


def _remarks(places: Places, facts: Facts) -> tuple[Remark, ...]:
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
    if promises(parts):
        found.append(Remark(Flag.PROMISE, squeeze(text)[:100]))
    if not places.form and not _brings(facts, places.context.asked):
        if is_only_thanks(text, found, _names(facts)):
            found.append(Remark(Flag.THANKS_ONLY, squeeze(text)[:100]))
        elif not symptom and is_only_promise(parts, found):
            found.append(Remark(Flag.PROMISE_ONLY, squeeze(text)[:100]))
    if places.mail.attachments and not re.search(r"\w{3,}.*\w{3,}.*\w{3,}", squeeze(text)):
        found.append(Remark(Flag.ONLY_ATTACHMENTS, ", ".join(item.name for item in places.mail.attachments[:3])))
    unique: dict[Flag, Remark] = {}
    for remark in found:
        unique.setdefault(remark.flag, remark)
    return tuple(unique.values())
