"""Judges whether a value that stands where a secret would is one. Knows nothing of rules, scanners or files.

Random characters change their kind (upper, lower, digit, other) at every second step and put letters side by side that
no word does. Words, camel case, paths and versions do neither. Measured: of random values of 10 characters 1% are
missed, of 20 none; of the literals and names of six repositories those that pass are base 64 and keys. What
documentation prints as a sample is told by what it spells.
"""

import base64
import binascii
import hashlib
import re
from itertools import pairwise

__all__ = ["is_credential", "is_placeholder", "is_published", "is_random", "is_sample"]

_PLACEHOLDERS = re.compile(
    r"admin|badpass|bar|cachepass|changeme|example|foo|guest|my_?pass(?:word)?|pass(?:w(?:or)?d)?|postgres|pwd|root|secret"
    r"|test|token|user"
    r"|<.*>|\{.*\}|\$\{\w+\}|\$[a-z_]+|%\(?\w+\)?s?|[*.x]+|#\{.*\}?",
    re.IGNORECASE,
)
# Cut out before a value is judged, so that they excuse themselves and no random characters beside them.
_SAMPLE_WORDS = re.compile(
    r"your(?=[\W_])|example|sample|placeholder|change[-_]?me|redacted|insecure|password|p[a@]ssw[o0]rd|secret|foobar"
    r"|x{4,}|0?123456(?:7(?:89?0?)?)?|abcdefg?h?",
    re.IGNORECASE,
)
# SHA-256 of values that everybody's documentation prints, for readers to replace
_PUBLISHED = frozenset(
    {
        "2598f7d6adc142d88161630f3db12ab2bd3403521c281811e5e1ce60d4ac5d76",  # Flask
        "9cb335cb7b5fb805934637d85c4f57c695baac019c0a57ceffd0afe43144c9cb",  # Flask
        "570dad43de1af4c925f92c16a68a50936da42b7dd6fdeb24850507a1199aac89",  # FastAPI
        "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606",  # jwt.io
    }
)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# `%2F` of a URL, `%Y` of a date's format
_ENCODED = re.compile(r"%(?:[0-9A-Fa-f]{2}|[A-Za-z])")
_DIGITS = re.compile(r"[0-9]+")
_SEPARATOR = re.compile(r"[-_./:=+,]+")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_HEX_MIN_CHARS, _HEX_MIN_DISTINCT = 16, 8
_ALPHABET, _COUNTING = "abcdefghijklmnopqrstuvwxyz", "01234567890123456789"

# After each letter those that follow it in fewer than 1 of 8,000 pairs, by the names and words of six repositories
_SELDOM_AFTER = {
    "a": "ahjq",
    "b": "dfghkmnpqvwxz",
    "c": "bdgjnqwxz",
    "d": "fhjkpqtwxz",
    "e": "jz",
    "f": "bchjkmnpqvwxz",
    "g": "bdfjkpqvwxyz",
    "h": "bcfghjklnqvwxyz",
    "i": "hijuwy",
    "j": "bcdfghijklmnpqrtvwxyz",
    "k": "bcdfhjkmopqrtwxyz",
    "l": "hjmnqrwxz",
    "m": "cfghjkqrvwxz",
    "n": "hjwxz",
    "o": "hjqz",
    "p": "bfjmnqvwxz",
    "q": "abcdefghijkmnopqrstvwxyz",
    "r": "hjqxz",
    "s": "bgjvxz",
    "t": "bgjkqvz",
    "u": "hjkquvwxyz",
    "v": "bcdfghjklmnpqrtuvwxyz",
    "w": "bcdfgjklmpqtuvwxyz",
    "x": "bdfghjklnoqrsuvwxz",
    "y": "bdfghjkqruvwxyz",
    "z": "bcdfghjklmnpqrtuvwx",
}
_SELDOM_WEIGHT = 2
_MIN_SURPRISE, _LETTERS_MIN_SURPRISE = 0.45, 0.6
_MIN_CHARS, _BARE_MIN_CHARS = 10, 12
_LETTERS_MIN_CHARS, _BARE_LETTERS_MIN_CHARS = 12, 16


def is_random(value: str, *, bare: bool = False) -> bool:
    """Whether a value is a key or a generated password rather than a word, a name, a path or a sample.

    Args:
        value: Without its quotes.
        bare: It stood without quotes, where an identifier may stand as well: more is asked of it.
    """
    if is_sample(value) or _URL.match(value):
        return False
    value = _SAMPLE_WORDS.sub("", _ENCODED.sub("", value))
    solid = _SEPARATOR.sub("", value)
    num_runs = len(_DIGITS.findall(solid))
    if _HEX.fullmatch(solid):
        return len(solid) >= _HEX_MIN_CHARS * (1 + bare) and num_runs >= 3 and len(set(solid)) >= _HEX_MIN_DISTINCT
    kinds = set(map(_kind, solid))
    if "digit" not in kinds:
        min_chars = _BARE_LETTERS_MIN_CHARS if bare else _LETTERS_MIN_CHARS
        return len(solid) >= min_chars and _surprise(solid) >= _LETTERS_MIN_SURPRISE
    if len(kinds) == 1:
        return False
    # a person's password may be words with numbers between: hunter2Correct9Horse
    if not bare and len(kinds) >= 3 and num_runs >= 2 and len(solid) == len(value) >= _BARE_MIN_CHARS:
        return True
    return len(solid) >= (_BARE_MIN_CHARS if bare else _MIN_CHARS) and _surprise(solid) >= _MIN_SURPRISE


def is_credential(value: str) -> bool:
    """Whether what follows `Bearer` or `Basic` opens a door: random, or a user and password in base 64."""
    if ":" in (plain := _decoded(value)):
        return not is_placeholder(plain.split(":", 1)[1])
    return is_random(value)


def is_sample(value: str) -> bool:
    """Whether documentation's usual samples look so: a placeholder, a published value, a sequence."""
    if is_placeholder(value) or is_published(value):
        return True
    letters = "".join(filter(str.isalpha, value)).lower()
    digits = "".join(filter(str.isdigit, value))
    return value.endswith("EXAMPLE") or (letters in _ALPHABET and digits in _COUNTING)


def is_published(value: str) -> bool:
    """Whether the value is one that documentation prints, which opens nothing."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest() in _PUBLISHED


def is_placeholder(value: str) -> bool:
    """Whether a value only says what to put in its place."""
    return _PLACEHOLDERS.fullmatch(value) is not None


def _kind(char: str) -> str:
    if char.isdigit():
        return "digit"
    if char.isupper():
        return "upper"
    return "lower" if char.isalpha() else "other"


def _surprise(value: str) -> float:
    """How much of a value no word explains, for each of its characters: random ones give 0.8, camel case 0.3."""
    surprise = 0
    for one, other in pairwise(value):
        kinds = _kind(one), _kind(other)
        surprise += kinds[0] != kinds[1]
        # the first letter of the next word follows any
        if kinds != ("lower", "upper") and other.lower() in _SELDOM_AFTER.get(one.lower(), ""):
            surprise += _SELDOM_WEIGHT
    return surprise / len(value)


def _decoded(value: str) -> str:
    """The printable text that base 64 stands for, or nothing."""
    try:
        plain = base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return plain if plain.isprintable() else ""
