"""What hangs on a file and no question, kept as arrays: what kind of file it is, how deep it lies, in which language.

A row is filled when it is first asked for: a question asks for 200 files, many of them again and again. Knows nothing
of questions.
"""

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property, lru_cache
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from .. import terms
from ..index.segment import stem_of
from .corpus import Corpus
from .joining import joined
from .roles import Roles

__all__ = ["ROLES", "Facts", "facts_of"]

ROLES = tuple(each.name for each in fields(Roles))
"""The names of the roles, in the order of their columns."""

_STEPS = 1024.0  # of a logarithm
_MOST_NAMES = 20_000  # 10 MB
_ALL_ROLES = attrgetter(*ROLES)


class Facts:
    """The facts of the files of one corpus: 16 bytes a file, and the names of some.

    Attributes:
        names: The terms in the words of a file row's stem, and those in its folder's name.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._known = np.zeros(corpus.size, np.bool_)
        self._roles = np.zeros((corpus.size, len(ROLES)), np.bool_)
        self._depth = np.zeros(corpus.size, np.float32)
        self.names = lru_cache(maxsize=_MOST_NAMES)(self._names)

    def roles(self, files: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """1 for each of these file rows that has a role, else 0; by the name of the role."""
        self._fill(files)
        return dict(zip(ROLES, self._roles[files].T.astype(np.float32), strict=True))

    def depth(self, files: Sequence[int]) -> NDArray[np.float32]:
        """How many folders each of these file rows lies in."""
        self._fill(files)
        return self._depth[files]

    @cached_property
    def language_shares(self) -> NDArray[np.float32]:
        """The share of the logarithms of all files' lengths that is in the language of each file row."""
        segments = [segment for segment, _ in self._corpus.parts()]
        languages = [name for segment in segments for name in segment.languages]
        rows = {name: row for row, name in enumerate(dict.fromkeys(languages))}
        of_files = joined(
            [np.array([rows[name] for name in each.languages], np.int64)[each.file_language] for each in segments],
            np.int64,
        )
        # in whole steps, whose sum does not hang on the order of the rows
        sizes = np.rint(_STEPS * np.log1p(self._corpus.num_lines.astype(np.float32))) * self._corpus.live
        totals = np.bincount(of_files, sizes, len(rows))
        shares: NDArray[np.float32] = (totals[of_files] / (totals.sum() or 1.0)).astype(np.float32)
        return shares

    def _names(self, file: int) -> tuple[frozenset[int], frozenset[int]]:
        folder, _, name = self._corpus.path(file).rpartition("/")
        stem = terms.hash_counts(" ".join(terms.split_identifier(stem_of(name))))
        return frozenset(stem), frozenset(terms.hash_counts(folder.rpartition("/")[2]))

    def _fill(self, files: Sequence[int]) -> None:
        rows = np.array(files, np.int64)
        for file in rows[~self._known[rows]].tolist():
            self._roles[file] = _ALL_ROLES(self._corpus.roles(file))
            self._depth[file] = self._corpus.path(file).count("/")
            self._known[file] = True


@lru_cache(maxsize=2)
def facts_of(corpus: Corpus) -> Facts:
    """Those of this very corpus."""
    return Facts(corpus)
