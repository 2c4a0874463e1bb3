"""A fast library, believed only where it gives what the oracle gives; the verdict is remembered. Knows no library.

The texts it is tried on hold what tells tokenizers apart: every kind of character beside every other, numbers, runs of
blanks and signs, line ends of all systems, contractions, characters that are composed, joined or not assigned, and the
names of control tokens, made the same on every machine.
"""

import json
import logging
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...storage.replacement import replace_file
from ..types import TokenIds
from .encoding import Encoding, Quick

__all__ = ["CheckedEncoding", "Verdict", "agrees", "is_settled", "quick_agrees"]

_log = logging.getLogger(__name__)

_SLOW = "the tokenizer's own library is used, which takes many times longer"

# Ranges of what Unicode 15 to 17 brought, or 18 may: a library that knows a character tells its kind differently from
# one that does not. Of all characters, gigatoken 0.10 differs from tokenizers 0.23 and tiktoken 0.14 in some of these
# alone (Llama 4 and gpt-oss in 381, DeepSeek 3 in 484, Llama 3, Qwen 3 and cl100k in 339). Flags, letters in circles
# and those of mathematics, which many a README has, are left out: the oracle takes 0.5 s to load.
_UNSETTLED = re.compile(
    "[\u088f-\u0897\u0c5c\u0cdc\u1acf-\u1aff\u20c1-\u20cf\u2b74-\u2b97\ua7cb-\ua7ff\ufbc3-\ufbd2\ufd90-\ufd91\ufdc8-\ufdce"
    "\U00010000-\U000103ff\U0001049e-\U0001d3ff\U0001d800-\U0001f0ff\U0001f1ae-\U0001f1e5\U0001f203-\U0001f2ff"
    "\U0001f6d8-\U0001f6db\U0001f774-\U0001f77f\U0001f8b0-\U0001f8ff\U0001fa54-\U0001ffff\U0002a6de-\U0002a6ff"
    "\U0002b738-\U0002b73f\U0002cea2-\U0002ceaf\U0002ebe1-\U0002f7ff\U0002fa1e-\U000e00ff\U000e01f0-\U000effff]"
)

_ATOMS = (
    *"aAzZ019_.,;:!?'\"`/\\|-+=*&^%$#@~()[]{}<> \t\n\r\f\v\0\x1b\x7f\x85\xa0",
    *"\u00e9\u00df\u0130\u0131\u01c5\u02b0\u0301\u0345\u0660\u0e33\u1e9e\u200b\u200d\u2028\u2029\u202e\u2160\u3000\ufe0f\ufeff\uffff",
    *"\u4e2d\u3042\uac00\u0438\u05d0\u0639\u0915\u0e01\u1100\U0001f600\U0001f3fd\U00020000\U000e0001\U0010ffff",
    *(
        "'s",
        "'LL",
        "'\u017f",
        "  ",
        "    ",
        "\t\t",
        "\r\n",
        "\n\n",
        "123",
        "==",
        "//",
        "\u0065\u0301",
        "self",
        " the",
        "Ab",
    ),
    *("<|", "|>", "<|eot|>", "<|begin_of_text|>", "<|endoftext|>", "<|im_start|>", "<s>", "</s>", "<think>", "[INST]"),
)
_CODE = (
    'def first_line(path: Path) -> str:\n    """It\'s the 1st of 12345 lines."""\n\treturn path.read_text()[0]\n'
    '#include <stdio.h>\r\nint main(void) { for (int i = 0; i < 1000000; ++i) printf("%d\\n", i); return 0x7fff; }\r\n'
    'SELECT * FROM `users` WHERE id != 42 -- don\'t\n{"key": [1.5e-10, null], "url": "https://example.org/a?b=c%20#e"}\n'
)


def agrees(encoding: Encoding, oracle: Encoding, *, lossless: bool = True) -> bool:
    """Whether both give the same ids for every text that they are tried on, and the same bytes back if they can."""
    for text in _texts():
        ids, expected = encoding.encode(text), oracle.encode(text)
        if ids.tolist() != expected.tolist() or (lossless and encoding.decode(ids) != oracle.decode(ids)):
            return False
    return True


def is_settled(text: str) -> bool:
    """Whether all libraries know the kind of each character."""
    return text.isascii() or _UNSETTLED.search(text) is None


def quick_agrees(quick: Quick, encoding: Encoding) -> bool:
    """Whether both give the same ids for every ASCII text that they are tried on and the quick one takes."""
    for text in filter(str.isascii, _texts()):
        ids = quick.encode(text)
        if ids is not None and ids.tolist() != encoding.encode(text).tolist():
            return False
    return True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about a fast library and a tokenizer.

    Attributes:
        path: Where it is remembered; None remembers nothing.
        version: Of the fast library; a verdict on another says nothing.
    """

    path: Path | None
    version: str

    def read(self) -> bool | None:
        """Whether the library agrees; None when it is not known."""
        try:
            found = json.loads(self.path.read_bytes() if self.path else b"{}")
            return bool(found["agrees"]) if found["version"] == self.version else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, *, good: bool) -> None:
        """Remembers it; what cannot be written is found anew."""
        if self.path is None:
            return
        try:
            replace_file(self.path, json.dumps({"version": self.version, "agrees": good}).encode())
        except OSError as error:
            _log.debug("%s: not remembered: %s", self.path, error)


class CheckedEncoding:
    """The fast library for texts of settled characters, if it agrees with the oracle; the oracle for all else."""

    def __init__(
        self,
        name: str,
        fast: Callable[[], Encoding],
        oracle: Callable[[], Encoding],
        verdict: Verdict,
        *,
        lossless: bool,
    ) -> None:
        """Loads the fast library, and the oracle where the verdict is not known to be good.

        Args:
            name: Of the tokenizer, for the log.
            fast: Whatever it raises counts as no agreement.
            oracle: The library that is believed.
            verdict: What was found before.
            lossless: Whether ids are turned into bytes too.
        """
        self._load_oracle = oracle
        known = verdict.read()
        self._fast = _loaded(fast) if known is not False else None
        if known is None or (known and self._fast is None):
            if self._fast is not None and not agrees(self, self._oracle, lossless=lossless):
                self._fast = None
            verdict.write(good=self._fast is not None)
            if self._fast is None:
                _log.warning("%s: gigatoken %s cannot be used or gives other ids; %s", name, verdict.version, _SLOW)
        self.size = (self._fast or self._oracle).size

    def encode(self, text: str) -> TokenIds:
        """The ids of a text of whole characters."""
        if self._fast is not None and is_settled(text):
            return self._fast.encode(text)
        return self._oracle.encode(text)

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes of ids below `size`.

        Raises:
            LookupError: An id that is no token.
        """
        return (self._fast or self._oracle).decode(ids)

    @cached_property
    def _oracle(self) -> Encoding:
        return self._load_oracle()


def _loaded(load: Callable[[], Encoding]) -> Encoding | None:
    try:
        return load()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of a library in Rust is no Exception
        _log.debug("not loaded: %s", error)
        return None


def _texts() -> Iterator[str]:
    yield _CODE
    yield from (first + second for first in _ATOMS for second in _ATOMS)
    chance = random.Random(20260726)  # noqa: S311 - the same texts everywhere, no secret
    for kind in (_ATOMS, [atom for atom in _ATOMS if atom.isascii()]):
        yield from ("".join(chance.choices(kind, k=200)) for _ in range(300))
    for blank in (" ", "\t", "\n", "\r\n", " \n", "=", "-", "a", "A", "\u4e2d"):
        yield from (f"x{blank * count}y" for count in (1, 2, 3, 5, 8, 17, 63, 64, 65, 200, 1000))
