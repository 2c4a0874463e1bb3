"""Makes text from a repository or a model harmless for a terminal.

Every character that a terminal would obey, or that a reader cannot see, is replaced by one that only shows it: ESC
becomes "␛", a right-to-left override "<U+202E>". Nothing is dropped, so hidden text is seen; and since each character
is judged by itself, a stream cut in the middle of an escape needs no memory, and an escape without an end swallows
nothing. Tabs and newlines stay. Knows nothing of rich, colours or streams.
"""

import re
from collections.abc import Mapping
from functools import cache

__all__ = ["clean", "clean_line"]

_HIDDEN = (
    *range(0x80, 0xA0),  # C1 controls: CSI, OSC, DCS in one character
    0x00AD,  # soft hyphen
    0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # bidirectional controls
    0x200B, *range(0x2060, 0x2066), 0xFEFF, 0x180E,  # zero width
    0x115F, 0x1160, 0x3164, 0xFFA0,  # Hangul fillers: blank, yet letters, so they hide in identifiers
    0x2028, 0x2029,  # line and paragraph separators
    *range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC),  # deprecated formatting, interlinear annotation
    *range(0xE0000, 0xE0080),  # tags: a whole invisible alphabet
    *range(0xD800, 0xE000),  # lone surrogates: bytes that were no UTF-8, and cannot be written
)  # fmt: skip

# Joiners are spelling in Persian, Hindi and emoji; after an ASCII character they only hide a difference.
_STRAY_JOINER = re.compile(r"(?<![^\x00-\x7f])[\u200c\u200d]")


def clean(text: str) -> str:
    """The text with every control and invisible character made visible; Windows line ends become newlines."""
    if text.isascii() and text.isprintable():
        return text
    shown = text.replace("\r\n", "\n").translate(_shown())
    return _STRAY_JOINER.sub(lambda match: f"<U+{ord(match[0]):04X}>", shown)


def clean_line(text: str) -> str:
    """The same for what must stay on one line, such as a path or a message: newlines and tabs are shown too."""
    return clean(text).replace("\n", "␊").replace("\t", "␉")


@cache
def _shown() -> Mapping[int, str]:
    """What each character that must not reach a terminal is shown as."""
    shown = {code: f"<U+{code:04X}>" for code in _HIDDEN}
    shown |= {code: chr(0x2400 + code) for code in range(0x20)}  # the control pictures: ␀ ... ␟
    shown[0x7F] = "␡"
    del shown[0x09], shown[0x0A]
    return shown
