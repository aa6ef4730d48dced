"""Content-Transfer-Encoding (RFC 2045 section 6), undone as a mail client does it: what can be read is read, nothing raises."""

from __future__ import annotations

import re
from binascii import Error as EncodingError
from binascii import a2b_base64, a2b_qp, a2b_uu

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET))
_BASE64_LINES = re.compile(rb"(?:[ \t]*+[A-Za-z0-9+/=]*+[ \t\r]*+(?:\n|\Z))*+")
_WORDS = re.compile(rb"[A-Za-z0-9\x80-\xff]{2}[,.]? [A-Za-z0-9\x80-\xff]{2}")
_UU_BLOCK = re.compile(rb"^begin [0-7]{3,4} (\S[^\r\n]{0,200})\r?\n((?:[ -`]{0,61}[^\r\n]{0,3}\r?\n)+?)end[ \t]*\r?$", re.M)

_MAX_UU_FILES = 50


def decode_base64(data: bytes) -> bytes:
    """Base64 as found in the wild: foreign characters skipped, missing padding added, several padded runs joined."""
    letters = data.translate(None, _NOT_BASE64)
    body = letters.rstrip(b"=")
    if b"=" not in body:
        return _padded(body)
    return b"".join(_padded(run) for run in body.split(b"=") if run)


def _padded(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:  # six bits that make no byte
        letters = letters[:-1]
    return a2b_base64(letters + b"=" * (-len(letters) % 4))


def encoding_of(header: bytes) -> str:
    """`base64`, `qp`, `uu` or "" (as it is), for any spelling of the header's value."""
    name = re.sub(rb"[^a-z0-9]", b"", header[:100].lower())
    if name.startswith(b"base64"):
        return "base64"
    if name.startswith(b"quotedprintable"):
        return "qp"
    return "uu" if name in (b"xuuencode", b"uuencode", b"xuue", b"uue") else ""


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """`data` without its transfer encoding.

    A body that says base64 and is plain words is taken as it is; a plain footer that a list server
    glued to base64 lines is kept as a footer.
    """
    if encoding == "qp":
        return a2b_qp(data)
    if encoding == "uu":
        found = _UU_BLOCK.search(data)
        return decode_uu(found[2]) if found else data
    if encoding != "base64":
        return data
    lines = _BASE64_LINES.match(data)
    clean = lines.end() if lines else 0
    if clean == len(data) or not _WORDS.search(data, clean):
        return decode_base64(data)
    encoded = data[:clean]
    return (decode_base64(encoded) + b"\n" if encoded.strip() else b"") + data[clean:]


def decoded_size(data: bytes, start: int, end: int, encoding: str) -> int:
    """About how many bytes `data[start:end]` holds once decoded, counted without decoding it (exact for clean base64)."""
    size = end - start
    if encoding == "base64":
        tail = data[max(start, end - 4) : end].count(b"=")
        return max(0, (size - data.count(b"\n", start, end) - data.count(b"\r", start, end)) * 3 // 4 - tail)
    if encoding == "qp":
        return max(0, size - 2 * data.count(b"=", start, end))
    return size * 3 // 4 if encoding == "uu" else size


def decode_uu(lines: bytes) -> bytes:
    """The bytes of the lines between `begin` and `end`; a line that cannot be read is left out."""
    decoded = []
    for line in lines.splitlines():
        length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0  # encoders pad the line beyond what its length says
        for candidate in (line, line[:length]):
            try:
                decoded.append(a2b_uu(candidate))
                break
            except EncodingError:
                continue
    return b"".join(decoded)


def cut_uu_files(body: bytes) -> tuple[bytes, list[tuple[bytes, int]]]:
    """A text body without the (first 50) files uuencoded into it (`begin 644 name` to `end`), and their names and sizes."""
    if b"begin " not in body:
        return body, []
    files: list[tuple[bytes, int]] = []

    def note(found: re.Match[bytes]) -> bytes:
        files.append((found[1], len(decode_uu(found[2]))))
        return b"[" + found[1] + b"]"

    return _UU_BLOCK.sub(note, body, count=_MAX_UU_FILES), files
