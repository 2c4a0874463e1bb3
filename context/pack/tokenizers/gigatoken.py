"""gigatoken, many times faster than the oracles and young: whoever opens it compares it with one of them first.

Only what is on this machine is handed to it, never a name, which it would look up and fetch.
"""

import json
from typing import Any

import numpy as np

from ..types import TokenIds
from .huggingface import TokenizerJson
from .tiktoken_ranks import RanksFile

__all__ = ["GigatokenEncoding"]


class GigatokenEncoding:
    """The library over a vocabulary without control and added tokens."""

    def __init__(self, file: RanksFile | TokenizerJson) -> None:
        """Loads the library and the vocabulary.

        Raises:
            Exception: The library is not there or does not know this kind of vocabulary.
        """
        if isinstance(file, RanksFile) and not file.kind.scheme:
            raise LookupError(file.kind.name)
        from gigatoken import gigatoken_rs

        self._backend: Any = (
            gigatoken_rs.BPETokenizer.from_tiktoken(file.path, file.kind.scheme, None)
            if isinstance(file, RanksFile)
            else gigatoken_rs.load_hf_json(json.dumps(file.plain))
        )
        self.size: int = self._backend.vocab_size
        removed = () if isinstance(file, RanksFile) else file.removed
        self._holes = np.array(sorted(removed), np.uint32)

    def encode(self, text: str) -> TokenIds:
        """The ids of a text of whole characters."""
        ids: TokenIds = self._backend.encode(text)
        return ids

    def decode(self, ids: TokenIds) -> bytes:
        """The bytes of ids below `size`.

        Raises:
            LookupError: An id that is no token.
        """
        # the library passes over them
        strange = ids[np.isin(ids, self._holes)] if len(self._holes) else self._holes
        if len(strange):
            raise LookupError(int(strange[0]))
        data: bytes = self._backend.decode(ids)
        return data
