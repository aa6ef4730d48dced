"""The company that running text names as the writer's own: "piszę z firmy Banner Bis"; somebody else's is left out."""

from __future__ import annotations

import re

from mailbot.model.facts import Where
from mailbot.rules.reading import morphology
from mailbot.rules.reading.company import PARTNERS, STOP_WORDS, Company, is_plausible, trim
from mailbot.rules.reading.cues import squeeze
from mailbot.rules.reading.layout import LEGAL_FORM, LEGAL_FORM_CASED, has_legal_form, words_of
from mailbot.rules.reading.person import as_name
from mailbot.rules.reading.words import fold

_IN_TEXT = re.compile(
    r"(?:\b(?:firma\s+nazywa\s+się|nazwa\s+firmy\s+to|firma\s+to|nazywamy\s+się|z\s+(?:naszej\s+)?firmy|w\s+(?:naszej\s+)?firmie|"
    r"firma|firmy|firmę|firmą|przedsiębiorstwo|przedsiębiorstwa|reprezentuj[eęą]\w*(?:\s+firmę)?|prowadzę(?:\s+firmę)?|"
    r"pisz[eęa]\w*\s+(?:do\s+państwa\s+)?(?:z|w\s+imieniu)(?:\s+firmy)?|jeste[sś]my\s+(?:z\s+)?(?:firm[aąy]\s+)?|"
    r"jestem\s+z(?:\s+firmy)?|pracuj[eę]\s+w(?:\s+firmie)?|dzwoni[eę]\s+z|z\s+tej\s+strony(?:\s+firma)?|kupili?[sś]my\s+jako|"
    r"faktura\s+(?:była\s+)?na|nasza\s+firma(?:\s+to)?|we\s+are|we\s+at|here\s+at|called|company\s+name\s+is|"
    r"i\s+work\s+(?:for|at)|i\s+am\s+(?:writing\s+)?(?:from|with)|i'm\s+(?:from|with)|writing\s+(?:from|on\s+behalf\s+of)|"
    r"on\s+behalf\s+of|here\s+(?:at|from)|this\s+is\s+\w+\s+\w+\s+(?:from|of|at)|our\s+company(?:\s+name)?(?:\s+is)?,?|"
    r"(?:manager|owner|operator|head|director|engineer|technician|supervisor|kierownik\w*|operator\w*|właściciel\w*)\s+(?:at|of|from|with|w|firmy|z)|"
    r"calling\s+from)"
    r"[\s:,–-]+[\"„“']?)([A-ZŁŚŻŹĆÓŃ0-9][^\n,;!?()]{1,70})",
    re.IGNORECASE,
)
_FROM_PERSON = re.compile(
    r"(?:\b(?:tu|jestem|nazywam się|z tej strony|my name is|this is|i am|i'm|tutaj)\b[^.\n]{3,40}?\s(?:z|ze|"
    r"from|of|at|w)\s+(?:firmy\s+)?)([A-ZŁŚŻŹĆÓŃ0-9„\"][^\n,;!?()]{1,60})",
    re.IGNORECASE,
)
_NOT_OURS = re.compile(
    r"\b(?:kurier\w*|dostawc\w*|od|u|klient\w*|klienta|dla|producent\w*|konkurenc\w*|supplier|customer|client|"
    r"informatyczn\w*|zewnetrzn\w*|serwisow\w*|sprzedaw\w*|leasing\w*|waszej|panstwa|your|another|other|innej|"
    r"technik\w*|serwisant\w*|monter\w*|elektryk\w*|informatyk\w*|fachow\w+|jakas|inna|cala|nasza)\s*$"
)


def in_text(text: str) -> Company | None:
    """The company that the writer says to be of, in running text: "piszę z firmy Banner Bis"."""
    for pattern in (_IN_TEXT, _FROM_PERSON):
        for match in pattern.finditer(text[:20000]):
            found = match.group(1)
            if not (_without_kind(found)[0].isupper() or found[0] in '„"0123456789'):
                continue
            before = fold(text[max(0, match.start() - 30) : match.start()])
            lead = fold(match.group()[: match.start(1) - match.start()])
            if _NOT_OURS.search(before) and not re.search(r"pisz|jestem|reprezent|work", lead):
                continue
            if not re.search(r"firm|nazyw", lead) and not re.search(
                r"manager|owner|operator|head|director|engineer|technician|supervisor|kierownik|wlascic|called|\bat\b"
                r"|pisz|jestem|jestesmy|reprezent|work|from|behalf|here|prowadz|prac|company|dzwoni|we are|strony|tu|faktur|kupil",
                lead,
            ):
                continue
            value = _run(_without_kind(found))
            if value and is_plausible(value):
                person = as_name(value, Where.TEXT)
                if person and morphology.is_first_name(value.split()[0]) and not has_legal_form(value):
                    continue
                return Company(_nominative(value), squeeze(match.group()), Where.TEXT, 3 if has_legal_form(value) or "firm" in lead else 2)
    return None


_KIND = re.compile(
    r"^((?:drukarni|agencji|pracowni|firmy|studia|studio|zakładu|hurtowni|grupy|spółki|fabryki)\s+(?:[a-ząćęłńóśźż]+(?:ej|"
    r"ego|wej|u|ów)\s+){0,2})(?=[A-ZŁŚŻŹĆ„\"])"
)


def _without_kind(text: str) -> str:
    """The name without the ordinary words before it: "drukarni cyfrowej Kolor" -> "Kolor"."""
    return _KIND.sub("", text)


_NOMINATIVE = {
    "drukarni": "Drukarnia",
    "agencji": "Agencja",
    "pracowni": "Pracownia",
    "studia": "Studio",
    "zakładu": "Zakład",
    "hurtowni": "Hurtownia",
    "grupy": "Grupa",
    "fabryki": "Fabryka",
}
_ADJECTIVES = {
    "reklamowej": "Reklamowa",
    "cyfrowej": "Cyfrowa",
    "wielkoformatowej": "Wielkoformatowa",
    "poligraficznego": "Poligraficzny",
    "reklamowego": "Reklamowy",
    "graficznego": "Graficzny",
}


def _nominative(value: str) -> str:
    """The kind of firm brought to the nominative: "Agencji Reklamowej Banan" -> "Agencja Reklamowa Banan"."""
    words = value.split()
    if words and words[0].lower() in _NOMINATIVE and len(words) > 1:
        words[0] = _NOMINATIVE[words[0].lower()]
        words[1] = _ADJECTIVES.get(words[1].lower(), words[1])
    return " ".join(words)


def _run(text: str) -> str | None:
    """The company's name at the beginning: up to a legal form, or the capitalised words."""
    text = re.split(r"(?<=[a-ząęłńóśźż\"”]{2})\.(?=\s|$)", text)[0] if not has_legal_form(text[:50]) else text
    form = LEGAL_FORM.search(text) or LEGAL_FORM_CASED.search(text)
    if form and len(words_of(text[: form.start()])) <= 6:
        return trim(text[: form.end()])
    words = text.split()
    run: list[str] = []
    for word in words:
        bare = word.strip("\"„”.'")
        if (
            bare
            and (bare[0].isupper() or bare[0].isdigit() or (bare in {"i", "&", "and", "of"} and run))
            and fold(bare) not in STOP_WORDS - {"i", "and"}
        ):
            run.append(word)
            if word.endswith(("”",)) or word.endswith(":"):
                break
        else:
            break
    while run and fold(run[-1].strip('"„”.')) in STOP_WORDS:
        run.pop()
    return trim(" ".join(run)) if run else None


_OTHERS = re.compile(
    r"\b(?:od firmy|u firmy|klien\w*|kontrahen\w*|np\.|kupil\w*|dostaw\w*|leasing\w*|konkurenc\w*|kurier\w*|"
    r"customer\w*|client\w*|supplier\w*|bought|przez firme|zlecilismy|wymienila|montowala)[^.]{0,30}$"
)


def legal_in_text(text: str) -> Company | None:
    """A company with its legal form in the text, when nothing says that it is somebody else's."""
    for line in text.split("\n"):
        if len(line) > 600:
            continue
        for part in re.split(r"(?<=[a-z]{3})\.\s|;", line):
            form = LEGAL_FORM.search(part)
            if not form:
                continue
            head = part[: form.start()]
            run = re.search(r"((?:[\"„]?[A-ZŁŚŻŹĆÓŃ][\w&'’-]*[\"”]?\s+(?:(?:i|&|and|of|\d+)\s+)?){1,6})$", head + " ")
            if not run:
                continue
            named = re.sub(r"^(?:Firma|Firmy|Firmie|Company|Spółka)\s+", "", run.group(1))
            before = fold(head[: run.start()])
            if (_NOT_OURS.search(before) or _OTHERS.search(before)) and "jako" not in before:
                continue
            after = part[form.end() :]
            partners = after if re.search(r"(?i)j\.?$|c\.?$|jawna$|cywilna$", form.group().strip()) and PARTNERS.match(after) else ""
            value = trim(named + form.group() + partners)
            if is_plausible(value):
                return Company(value, value, Where.TEXT, 3)
    return None
