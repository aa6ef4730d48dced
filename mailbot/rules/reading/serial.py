"""The serial number: what stands behind its label, else something shaped like one of ours."""

from __future__ import annotations

import re

from mailbot.rules.reading.words import fold

_LABELLED = re.compile(
    r"(?i)(?<![\w/])(?:ser(?=\.)|numer\s(?:tej|tego|zepsut\w+|uszkodzon\w+|nasze\w+|maszyny|urządzenia|plotera|drukarki)(?:\s\w+)?(?=\s?:)|"
    r"nr\.?\s?(?:fabr\w*|ser\w*|seryjny)|numer\w*\s?(?:seryjn\w*|fabryczn\w*|ser\w*)(?:\s(?:maszyny|"
    r"urządzenia|plotera|drukarki|to|jest))*|s\s?/\s?n|s\.n\.|sn|serial(?:\s?(?:number|no|nr|num))?|seryjn\w*|"
    r"fabryczn\w*|nr\s?s\.?|seriennummer)\b\.{0,40}"
    r"(?:\s+(?:maszyny|urządzenia|plotera|drukarki|of the \w+))?\s{0,3}(?:[:#=\-–]|jest|to|is|nr|no\.?)?\s{0,3}[:#]?\s{0,2}"
    r"([A-Za-z0-9][A-Za-z0-9/._-]{2,30}(?:\s\d{3,}){0,2})"
)
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(  # "OXI TEX 1800 (nr 18T-2207-31)", "nr maszyny HY20-0391": a machine's, and of no ticket, invoice or order
    r"(?i)(?:\boxi[ -]?\w{0,8}[ -]?\d{0,4}\s{0,2}[,/(:–-]{0,2}\s{0,2}(?:nr|no(?=\.|\s?:)|number|numer)\b|"
    r"\b(?:nr|numer)\s(?:maszyny|urządzenia|plotera|drukarki)(?:\s(?:to|jest))?)\.?\s{0,2}:?\s{0,2}"
    r"(?!OXI-20|F[VAS]?[ /-]|ZAM|ZL|UM|US/|PO[-/])((?=[\w/.-]{0,12}[A-Z])[A-Z0-9]{1,6}[-/.][\w/.-]{2,24})"
)
_DOCUMENT = re.compile(
    r"(?i)\b(?:umow|zamówi|zamowi|protok[oó]ł|protokol|faktur|gwarancj|zlece|wyceny|wycena|ofert|kosztorys|polis|contract|agreement|order|invoice|quote|"
    r"warranty|delivery note)\w*"
)
_YEAR = re.compile(r"(?:^|[/.-])20[0-4]\d(?:[/.-]|$)")  # of a document: S/2024/118
_SENTENCE = re.compile(r"(?<=\w{3})[.!?]\s|\n|;")
_SHAPED = re.compile(
    r"(?<![\w/-])(?!OXI-20)([A-Z]{1,4}\d{0,4}-\d{2,6}-\d{2,6}|(?:1600|1625|1800|2000|2513|3200|6090)[A-Z]{0,2}/(?:\d{2}/)?0\d{2,5})(?![\w/-])"
)  # letters and numbers, or the number of the model first: 1800T/0091, 1600/17/0042


def find_serial(text: str) -> tuple[str, str] | None:
    """The serial number as written, with its evidence."""
    if not _DIGIT.search(text):
        return None
    for match in _LABELLED.finditer(text):
        value = match.group(1).rstrip("./-_,")
        if len(re.findall(r"\d", value)) >= 3:
            return value, match.group()
    for match in _NUMBERED.finditer(text):
        value = match.group(1).rstrip("./-_")
        sentence = _SENTENCE.split(text[: match.start(1)])[-1]
        labelled = not fold(match.group()).startswith("oxi")  # "numer maszyny …" leaves no doubt
        if len(re.findall(r"\d", value)) >= 3 and (labelled or not (_DOCUMENT.search(sentence) or _YEAR.search(value))):
            return value, match.group()
    shaped = _SHAPED.search(text)
    return (shaped.group(1), shaped.group(1)) if shaped else None
