"""From bytes to text when the label may lie: the ladder of character sets, tuned for Polish mail.

UTF-8 proves itself; a label is believed when it can be true; where several single-byte sets are possible (windows-1250
and iso-8859-2 are mixed up daily, and either is sent as latin-1) the text that reads most like a language wins.
"""

from __future__ import annotations

import re
from encodings.aliases import aliases
from functools import lru_cache

_OTHER_NAMES = {
    "utf8mb4": "utf_8",
    "unicode_1_1_utf_8": "utf_8",
    "unicode_1_1_utf_7": "utf_7",
    "latin": "cp1252",
    "ansi": "cp1250",
    "win_1250": "cp1250",
    "windows1250": "cp1250",
    "cp_1250": "cp1250",
    "x_cp1250": "cp1250",
    "cp_1252": "cp1252",
    "windows1252": "cp1252",
    "cp_852": "cp852",
    "x_mac_ce": "mac_latin2",
    "x_mac_centraleurroman": "mac_latin2",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "x_sjis": "cp932",
    # WHATWG Encoding Standard 4.2: who says ascii or latin-1 sends windows-1252
    "us_ascii": "cp1252",
    "ascii": "cp1252",
    "iso_8859_1": "cp1252",
    "iso8859_1": "cp1252",
    "latin_1": "cp1252",
    "latin1": "cp1252",
}
# Not sets of characters but transformations: never let a sender choose one.
_NO_CHARSETS = frozenset(
    (
        "base64_codec",
        "bz2_codec",
        "hex_codec",
        "zlib_codec",
        "quopri_codec",
        "rot_13",
        "uu_codec",
        "mbcs",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
    )
)
_KNOWN = {**{codec: codec for codec in aliases.values()}, **aliases, **_OTHER_NAMES}
_KNOWN = {name: codec for name, codec in _KNOWN.items() if codec not in _NO_CHARSETS}
_KNOWN |= {"koi8_r": "koi8_r", "koi8_u": "koi8_u", "cp874": "cp874", "cp856": "cp856", "mac_latin2": "mac_latin2", "cp1250": "cp1250"}

_CENTRAL = frozenset(("cp1250", "iso8859_2"))
_WESTERN = frozenset(("cp1252", "latin_1", "iso8859_15"))
_WIDE = frozenset(("utf_16", "utf_32", "utf_16_be", "utf_16_le", "utf_32_be", "utf_32_le"))
_STATEFUL = frozenset(
    ("utf_7", "hz", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr")
)
_ASIAN = frozenset(
    ("gb18030", "big5", "big5hkscs", "cp932", "cp949", "cp950", "euc_jp", "euc_kr", "johab", "shift_jis_2004", "shift_jisx0213")
)
_BOMS = ((b"\xef\xbb\xbf", "utf_8_sig"), (b"\xff\xfe\0\0", "utf_32"), (b"\xff\xfe", "utf_16"), (b"\xfe\xff", "utf_16"))

_SAMPLE = 65_536  # bytes that are read to tell the sets apart
_LANGUAGES = (
    frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"),  # first: the customers' language, which wins a tie
    frozenset("áäčďéěíĺľňóôŕřšťúůýžÁÄČĎÉĚÍĹĽŇÓÔŔŘŠŤÚŮÝŽćđĆĐ"),
    frozenset("áéíóöőúüűÁÉÍÓÖŐÚÜŰ"),
    frozenset("äöüßÄÖÜ"),
    frozenset("àâæçèéêëîïôœùûüÿÀÂÆÇÈÉÊËÎÏÔŒÙÛÜ"),
    frozenset("áéíñóúüçãõâêôàèìòùº¿¡ÁÉÍÑÓÚÜÇÃÕÂÊÔÀÈÌÒÙ"),
    frozenset("åäöæøéÅÄÖÆØÉ"),
    frozenset("ăâîşţĂÂÎŞŢ"),
)
_SYMBOLS = "¹²³¶±¿¼½¾¡¦¬¯¥£¢¤¨¸´ˇ˘˛˝"
_SYMBOL_AT_LETTER = re.compile(rf"(?<=[^\W\d_])(?<!\bm)(?<!\b[cdkm]m)[{_SYMBOLS}]|[{_SYMBOLS}](?=[^\W\d_])")
_UNIT = re.compile(r"\b[cdkm]?m[²³]")
_BROKEN = re.compile("[\x00\x80-\x9f\ufffd]")
_FOREIGN = re.compile(r"[^\W\d_\x00-\x7f]|[¿¡º]")


@lru_cache(maxsize=256)
def codec_of(label: str | None) -> str | None:
    """The Python codec that a charset label means, or None for a label that names no character set we know."""
    if not label or len(label) > 60:
        return None
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    return _KNOWN.get(name) or _KNOWN.get(name.removeprefix("x_"))


def decode(data: bytes, label: str | None = None) -> str:
    """The text in `data`, by the first rung that holds; never raises, and what no rung can read becomes U+FFFD.

    Rungs: byte order mark; wide and stateful sets by their label; ASCII; UTF-8 that is valid, whatever the label;
    a trusted label; UTF-8 with a few broken bytes; the single-byte set whose text reads most like a language.
    """
    if not label and data.isascii():
        return data.decode("ascii")
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    declared = codec_of(label)
    if declared in _WIDE:
        return _decode_wide(data, declared)
    if declared in _STATEFUL and data.isascii():
        return data.decode(declared, "replace")
    if data.isascii():
        return data.decode("ascii")
    trusted = declared is not None and declared not in _CENTRAL | _WESTERN and not declared.startswith("utf_")
    rungs = [declared, "utf_8"] if declared in _ASIAN else ["utf_8", declared if trusted else None]
    for rung in filter(None, rungs):
        text = _strictly(data, rung)
        if text is not None:
            return text
    text = data.decode("utf_8", "replace")
    broken = text.count("\ufffd")
    if broken * 3 < sum(1 for char in text[:_SAMPLE] if char > "\x7f"):
        return text
    return data.decode(_most_readable(data, declared), "replace")


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _decode_wide(data: bytes, codec: str) -> str:
    """UTF-16 and UTF-32 without a byte order mark: the side on which the NULs lie tells the order, no NUL means a lie."""
    if 0 not in data[:_SAMPLE]:
        return decode(data)
    if codec == "utf_16":
        codec = "utf_16_be" if data[:_SAMPLE:2].count(0) > data[1:_SAMPLE:2].count(0) else "utf_16_le"
    return data.decode(codec, "replace")


def _most_readable(data: bytes, declared: str | None) -> str:
    """The single-byte codec for `data`, judged on a sample of its lines that are not plain ASCII."""
    lines = [line for line in data[: 16 * _SAMPLE].splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    candidates = ["cp1250", "iso8859_2", "cp1252"]
    if declared and declared not in candidates and declared not in _WIDE and not declared.startswith("utf_"):
        candidates.append(declared)
    # Between the two Central European sets the label counts for nothing; against the Western ones it is evidence.
    bonus = {codec: 1.0 for codec in (declared,) if codec and codec not in _CENTRAL}
    return max(candidates, key=lambda codec: _readability(sample.decode(codec, "replace")) + bonus.get(codec, 0.0))


def _readability(text: str) -> float:
    """How much `text` looks written by a person: letters of one language, no symbol inside a word, no control character."""
    letters = [char for char in _FOREIGN.findall(text) if char.isalpha() or char in "¿¡"]
    best = max(
        sum(1 if letter in language else -2 for letter in letters) + (0.5 if language is _LANGUAGES[0] else 0.0) for language in _LANGUAGES
    )
    return best + len(_UNIT.findall(text)) - 3 * len(_SYMBOL_AT_LETTER.findall(text)) - 6 * len(_BROKEN.findall(text))
