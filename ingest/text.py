"""Turns bytes into text whose lines are the lines of the bytes. Knows nothing of paths, languages or secrets.

UTF-8 first (nearly every file, and the fast path), then what a byte-order mark says, UTF-16/32 without one, what the
file says of itself (`coding: latin-1`, `<?xml encoding=...?>`), and last the most plausible legacy encoding.
"""

import codecs
import re
import unicodedata

__all__ = ["decode", "is_binary", "line_count", "normalize_line_ends"]

# The longest mark first: UTF-32-LE's begins with UTF-16-LE's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_ENCODINGS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")

_TEXT_BYTES = bytes(range(0x20, 0x100)).replace(b"\x7f", b"") + b"\a\b\t\n\v\f\r\x1b"
# A log with a stray control byte is text. Compressed or compiled bytes have about 10% of them.
_MAX_CONTROL_SHARE = 0.01

_DECLARED = re.compile(
    rb"""(?:coding[:=]\s*|fileencoding=|<\?xml[^>\n]{0,80}encoding=["']|<meta[^>\n]{0,80}charset=["']?|@charset\s+["'])"""
    rb"""([A-Za-z0-9][\w.:-]{1,40})""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 1024

# Under this many bytes beyond ASCII a statistical guess is noise, and Western text the likeliest.
_FEW_BYTES = 12
_GUESS_BYTES = 8_192
# What source files of the last thirty years were saved in; of all its 90 codecs the library takes French for Baltic.
_LEGACY = [
    "cp1252",
    "cp1250",
    "iso8859_2",
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp874",
    "cp932",
    "euc_jp",
    "gb18030",
    "big5",
    "cp949",
]
# French, German, Spanish and Portuguese, which statistics do not tell from Central European in a short sample.
_WESTERN = frozenset(
    "àâçéèêëîïôùûüÿœäößñáíóúãõÀÂÇÉÈÊËÎÏÔÙÛÜŒÄÖÑÁÍÓÚÃÕ«»¿¡©®°§€·\u2013\u2014\u2018\u2019\u201c\u201d\u2026\xa0"
)
_SAMPLE_CHARS = 4_096
_SHORT_CHARS = 64
_FORMAT_CHARS = frozenset("\a\b\t\n\v\f\r\x1b")


def decode(data: bytes) -> tuple[str, str] | None:
    r"""The text with "\n" line ends and the name of its encoding, or None when it is binary or cannot be decoded.

    A byte-order mark is dropped. UTF-8 with a few broken bytes keeps its encoding and shows them as U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], encoding)
            if text is not None and "\0" not in text:
                return normalize_line_ends(text), encoding
    decoded = _decode_wide(data) if b"\0" in data else _decode_narrow(data)
    return (normalize_line_ends(decoded[0]), decoded[1]) if decoded else None


def is_binary(data: bytes) -> bool:
    """Whether the bytes, all of them, are of no text: NUL bytes or many control bytes. False for UTF-16 and UTF-32."""
    if data.startswith(b"%PDF-"):
        return True
    if b"\0" in data:
        return decode(data) is None
    return _control_share(data) > _MAX_CONTROL_SHARE


def normalize_line_ends(text: str) -> str:
    """CRLF becomes LF. A lone CR ends a line only where the text has no LF at all, as on the old Macintosh."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")


def line_count(text: str) -> int:
    r"""How many lines: "a\nb\n" and "a\nb" have 2, "" has none."""
    return text.count("\n") + (not text.endswith("\n") and bool(text))


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _control_share(data: bytes) -> float:
    return len(data.translate(None, _TEXT_BYTES)) / max(1, len(data))


def _decode_wide(data: bytes) -> tuple[str, str] | None:
    """UTF-16 and UTF-32 without a mark; NUL bytes in anything else are binary."""
    for encoding in _WIDE_ENCODINGS:
        if len(data) % (4 if "32" in encoding else 2):
            continue
        text = _strict(data, encoding)
        if text and "\0" not in text and _plausible(text):
            return text, encoding
    return None


def _plausible(text: str) -> bool:
    """Whether wide characters make a text: none that Unicode leaves unassigned, and a short one mostly ASCII."""
    sample = text[:_SAMPLE_CHARS]
    # bytes read in the wrong order or from a binary give private, unassigned and control characters by the dozen
    if any(char not in _FORMAT_CHARS and unicodedata.category(char) in ("Cc", "Cn", "Co") for char in sample):
        return False
    ascii_share = sum(char < "\x80" for char in sample) / len(sample)
    return ascii_share > 0.5 or (len(sample) >= _SHORT_CHARS and ("\n" in text or " " in sample or ascii_share > 0))


def _decode_narrow(data: bytes) -> tuple[str, str] | None:
    if _control_share(data) > _MAX_CONTROL_SHARE or data.startswith(b"%PDF-"):
        return None
    text = _strict(data, "utf-8")
    if text is not None:
        return text, "utf-8"
    return _decode_declared(data) or _decode_damaged(data) or _decode_guessed(data)


def _decode_declared(data: bytes) -> tuple[str, str] | None:
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    if not declared:
        return None
    name = declared[1].decode("ascii").lower()
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    # "utf-8" was tried; rot13, base64 and their like are no text encodings
    if codec.name.startswith("utf") or not getattr(codec, "_is_text_encoding", True):
        return None
    text = _strict(data, codec.name)
    return None if text is None else (text, codec.name)


def _decode_damaged(data: bytes) -> tuple[str, str] | None:
    """UTF-8 with a few broken bytes: more whole characters beyond ASCII than broken ones."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    return (text, "utf-8") if whole > 2 * broken else None


def _decode_guessed(data: bytes) -> tuple[str, str] | None:
    """The legacy encoding that makes the most plausible text of the lines that are not plain ASCII."""
    lines = [line for line in data.splitlines(keepends=True) if not line.isascii()]
    sample = b"".join(lines)[:_GUESS_BYTES]
    beyond_ascii = {char for char in sample.decode("cp1252", "replace") if char >= "\x80"}
    if len(sample) - len(sample.decode("ascii", "ignore")) >= _FEW_BYTES and not beyond_ascii <= _WESTERN:
        # imported here: only repositories with legacy files pay its 30 ms
        from charset_normalizer import from_bytes

        best = from_bytes(sample, cp_isolation=_LEGACY).best()
        if best is not None and (text := _strict(data, best.encoding)) is not None:
            return text, best.encoding
    text = _strict(data, "cp1252")
    return None if text is None else (text, "cp1252")
