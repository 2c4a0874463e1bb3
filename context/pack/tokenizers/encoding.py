"""Text to ids and back by a vocabulary on this machine, whichever library does the work. Knows no file and no model.

A text is the same to every library: half a character (a lone surrogate) is U+FFFD, and a run of over 400,000
characters without, or of nothing but, white space is cut, since the engines of the splitting patterns overflow at
1,000,000 (tiktoken 0.14 panics).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from ....errors import ConfigError
from ..types import TokenIds

__all__ = ["Encoding", "Quick", "VocabularyCounter", "VocabularyTokenizer", "parts_of"]

_MAX_RUN = 400_000
# At 1.5 MB a second, what loading the fastest library takes.
_QUICK_CHARS = 200_000
_RUN = re.compile(r"\s+|\S+")


class Encoding(Protocol):
    """A vocabulary without its control and added tokens, as a library holds it.

    Attributes:
        size: No id is as large.
    """

    size: int

    def encode(self, text: str) -> TokenIds:
        """The ids of a text of whole characters."""
        ...

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes of ids below `size`.

        Raises:
            LookupError: An id that is no token.
        """
        ...


class Quick(Protocol):
    """Gives the ids of short texts without loading much."""

    def encode(self, text: str, /) -> "TokenIds | None":
        """The ids of an ASCII text; None where it takes the library."""
        ...


class VocabularyCounter:
    """Counts by a vocabulary, which is loaded when it is needed first."""

    exact = True

    def __init__(
        self, name: str, load: Callable[[], Encoding], load_quick: Callable[[], Quick | None] | None = None
    ) -> None:
        """Loads nothing yet.

        Args:
            name: Said to the user.
            load: Called once at most.
            load_quick: Gives the ids of short texts before that, where it is prepared for it.
        """
        self.name = name
        self._load, self._load_quick = load, load_quick
        self._quick_chars = _QUICK_CHARS

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text."""
        return [len(ids) for ids in self._encoded(texts)]

    def _encoded(self, texts: Sequence[str]) -> Iterator[TokenIds]:
        import numpy as np

        for text in texts:
            ids = self._at_once(text)
            if ids is not None:
                yield ids
                continue
            parts = [self._encoding.encode(part) for part in parts_of(text) if part]
            yield np.concatenate(parts) if len(parts) > 1 else (parts[0] if parts else np.zeros(0, np.uint32))

    def _at_once(self, text: str) -> "TokenIds | None":
        """The ids of a text that is not worth loading the vocabulary for."""
        if "_encoding" in self.__dict__ or len(text) > self._quick_chars or not text.isascii():
            return None
        quick = self._quick
        if quick is None:
            return None
        self._quick_chars -= len(text)
        return quick.encode(text)

    @cached_property
    def _quick(self) -> Quick | None:
        return self._load_quick() if self._load_quick else None

    @cached_property
    def _encoding(self) -> Encoding:
        return self._load()


class VocabularyTokenizer(VocabularyCounter):
    """A tokenizer by a vocabulary that gives back every text."""

    def __init__(
        self,
        name: str,
        id: str,  # noqa: A002 - the protocol's word
        load: Callable[[], Encoding],
        load_quick: Callable[[], Quick | None] | None = None,
    ) -> None:
        """Loads nothing yet.

        Args:
            name: Said to the user.
            id: Hex; of everything that decides the ids.
            load: Called once at most.
            load_quick: Gives the ids of short texts before that, where it is prepared for it.
        """
        super().__init__(name, load, load_quick)
        self.id = id

    def encode(self, texts: Sequence[str]) -> list[TokenIds]:
        """The ids of each text. No text, whatever it says, gives a control or an added token."""
        return list(self._encoded(texts))

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes that ids stand for.

        Raises:
            ConfigError: They are of another model.
        """
        if not len(ids):
            return b""
        try:
            if int(ids.max()) >= self._encoding.size:
                raise LookupError(int(ids.max()))
            return self._encoding.decode(ids)
        except LookupError as error:
            raise ConfigError(f"{self.name}: it has no token {error}; the ids are of another model") from error


def parts_of(text: str) -> list[str]:
    """The text in whole characters, cut so that no run is too long for any library; one part nearly always."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) <= _MAX_RUN:
        return [text]
    cuts = [cut for run in _RUN.finditer(text) for cut in range(run.start() + _MAX_RUN, run.end(), _MAX_RUN)]
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
