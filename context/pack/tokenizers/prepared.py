"""What is made of a tokenizer's file once and kept: the verdict on the fast library, and the file of the quick one.

Knows no format and no cache but this one. What is lost or damaged is made again.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .encoding import Encoding
    from .huggingface import TokenizerJson
    from .quick import QuickEncoding
    from .tiktoken_ranks import RanksFile

__all__ = ["Prepared"]

_log = logging.getLogger(__name__)


class Prepared:
    """The libraries over one file, as a tokenizer asks for them."""

    def __init__(
        self, file: "RanksFile | TokenizerJson", oracle: "Callable[[], Encoding]", name: str, cache: Path | None
    ) -> None:
        """Loads nothing yet.

        Args:
            file: Of the tokenizer.
            oracle: Loads the library that is believed.
            name: Said to the user.
            cache: A folder; None keeps nothing.
        """
        self._file, self._oracle, self._name = file, oracle, name
        self._verdict = cache / f"{file.id}.json" if cache else None
        self._quick = cache / f"{file.id}.quick" if cache else None

    @property
    def is_ready(self) -> bool:
        """Whether the quick file is there, which is made only for a tokenizer that gives back every text."""
        return self._quick is not None and self._quick.is_file()

    def quick(self) -> "QuickEncoding | None":
        """The quick library; None where it was not prepared."""
        from .quick import QuickEncoding

        return QuickEncoding.read(self._quick) if self._quick else None

    def load(self) -> "Encoding":
        """The fast library or the oracle. Prepares the quick one for the next time."""
        encoding = self._loaded()
        if self._quick is not None and not self._quick.exists():
            self._prepare(self._quick, encoding)
        self._file.release()
        return encoding

    def _prepare(self, path: Path, encoding: "Encoding") -> None:
        from ...storage.array_file import write_arrays
        from .checked import quick_agrees
        from .quick import QuickEncoding, quick_arrays

        vocabulary = self._file.vocabulary
        if vocabulary is None:
            return
        made = quick_arrays(vocabulary)
        if not quick_agrees(QuickEncoding(*made), encoding):
            _log.debug("%s: its short texts take the library too", self._name)
            return
        try:
            write_arrays(path, *made)
        except OSError as error:
            _log.debug("%s: not written: %s", path, error)

    def _loaded(self) -> "Encoding":
        from ....ingest.installed import installed_version
        from .checked import CheckedEncoding, Verdict
        from .gigatoken import GigatokenEncoding

        try:
            found = installed_version("gigatoken")
        except ModuleNotFoundError:  # which importlib's own error is
            return self._oracle()
        return CheckedEncoding(
            self._name,
            lambda: GigatokenEncoding(self._file),
            self._oracle,
            Verdict(self._verdict, found),
            lossless=not self._file.loss,
        )
