"""The companies that a text names outright: with a legal form, as the mail address spells them, in a notice on data protection."""

from __future__ import annotations

import re

from mailbot.model.facts import Where
from mailbot.rules.reading.company import Company, believed
from mailbot.rules.reading.company_name import behind_person, partners_behind, trim
from mailbot.rules.reading.cues import squeeze
from mailbot.rules.reading.firm import ENOUGH, Writer, spells_address, weigh
from mailbot.rules.reading.layout import LEGAL_FORM, has_legal_form, words_of
from mailbot.rules.reading.name_run import named_at
from mailbot.rules.reading.person import as_name, whole_name
from mailbot.rules.reading.whose import is_anothers, plays, tells_of_another
from mailbot.rules.reading.words import fold


def _spelt_before_form(head: str, form: str, writer: Writer) -> list[Company]:
    """A firm in small letters before its legal form, where the mail address says how long the name is: "okienne grafiki spolka z o.o."."""
    words = head.split()[-4:]
    names = (" ".join(words[-size:]) for size in range(1, len(words) + 1))
    return [
        Company(trim(f"{name} {form}"), squeeze(f"{name} {form}"), Where.TEXT, ENOUGH + 2)
        for name in names
        if spells_address(words_of(name), writer.labels)
    ]


def spelt(text: str, writer: Writer) -> list[Company]:
    """The words of a text that the mail address spells, two or three together: "at paper crane" and papercrane."""
    labels = {label.replace("-", "") for label in writer.labels if len(label) >= 6}
    if not labels:
        return []
    words = words_of(text[:5000])
    keys = [fold(word) for word in words]
    found = []
    for size in (2, 3):
        for at in range(len(keys) - size + 1):
            if "".join(keys[at : at + size]) in labels:
                name = " ".join(words[at : at + size])
                if as_name(name, Where.TEXT) is None:
                    found.append(Company(name, name, Where.TEXT, ENOUGH))
    return found


_PERSON_OF = re.compile(r"(\S+ \S+) (?:of|from|at) ")  # "Peter Crow of Graphserv Ltd"


def legal_in_text(text: str, writer: Writer) -> list[Company]:
    """Companies with a legal form in the text, when nothing says that they are somebody else's; the form alone is a weak sign."""
    found = []
    for line in text.split("\n"):
        if len(line) > 600:
            continue
        for part in re.split(r"(?<=[a-z]{3})\.\s|;", line):
            form = LEGAL_FORM.search(part)
            if not form:
                continue
            head = part[: form.start()]
            run = re.search(
                r"((?:[\"„(]?[A-ZŁŚŻŹĆÓŃ][\w&'’-]*[\"”)]?\s+(?:(?:i|&|and|of|van|der|den|de|von|la|\d+)\s+){0,2}){1,6})$", head + " "
            )
            if not run:
                found += _spelt_before_form(head, form.group(), writer)
                continue
            of = _PERSON_OF.match(run.group(1))
            at = run.start() + (of.end() if of and whole_name(of.group(1)) else 0)
            named = re.sub(r"^(?:Firma|Firmy|Firmie|Company|Spółka)\s+", "", f"{head} "[at:])
            before = fold(head[:at])
            if (is_anothers(before) or plays("kin", f"{before} ")) and "jako" not in before:
                continue
            value = behind_person(trim(named + form.group() + partners_behind(form.group(), part[form.end() :])), writer.person)
            told = tells_of_another(head[:at], writer.person)  # what is signed goes before
            if weighed := weigh(value, Where.TEXT, writer, ENOUGH + 1):
                found.append(Company(value, value, Where.TEXT, ENOUGH if told else weighed[0] - 1, weighed[1]))
    return found


def controller(text: str, writer: Writer) -> list[Company]:
    """The firm that a notice on data protection names: "Administratorem danych jest nasza firma Druk-Raj Anna Lis"."""
    if "dministrator" not in text and "controller" not in text:
        return []
    named = (named_at(text, match.end()) for match in _CONTROLLER.finditer(text))
    return [company for said in named if said and (company := believed(said[0], said[0], -1 if has_legal_form(said[0]) else 2, writer))]


_CONTROLLER = re.compile(
    r"(?i)\b(?:administrator\w*[^.\n]{0,80}?\s(?:jest|są)|(?:data\s+)?controller[^.\n]{0,60}?\s(?:is|are))\s*:?\s+"
    r"(?:(?:nasza|the|our)\s+)?(?:firma\s+|spółka\s+|company\s+)?"
)
