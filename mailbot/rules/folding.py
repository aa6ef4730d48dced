"""Polish as typed in haste: text without case and diacritics, for comparison."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "đ": "d", "’": "'", "`": "'", "´": "'"})  # these do not decompose


def fold(text: str) -> str:
    """Lower case without diacritics. Linear; the length may change."""
    lowered = text.lower().translate(_LETTERS)
    if lowered.isascii():
        return lowered
    return "".join(char for char in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(char))
