"""Finds what a span calls the words of a question that do not stand in it.

Looks each related word up once for all spans of an answer, and only when a span wants it. Knows nothing of how much a
related word counts for a rank.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .. import terms
from .corpus import Corpus
from .lexical import Lexical
from .question import Question
from .thesaurus import entries_in

__all__ = ["Synonyms"]

_WORD = re.compile(r"\w+")
_FULL_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class _Said:
    """A word or phrase of the question that may be called otherwise.

    Attributes:
        text: As it was said.
        places: Of its words in the question.
        rows: Its words that carry something, or else the guess that it is one word, as rows of the lexical matches.
        names: What it may be called, each with the hash of its term; the most telling first.
    """

    text: str
    places: range
    rows: list[int]
    names: list[tuple[str, int]]


class Synonyms:
    """What may stand for the words of one question, and where it does."""

    def __init__(self, question: Question, lexical: Lexical, corpus: Corpus) -> None:
        self._present, self._scores = lexical.chunk_present, lexical.chunk_words
        self._chunks_with = cache(lambda key: corpus.chunks_with(key)[0])
        self._said = _read(question, lexical)

    def met_in(self, chunks: range, *, most: int) -> list[tuple[str, str]]:
        """What is said in the question and not in these chunks, each with the first of its names that is."""
        if not self._said:
            return []
        beyond = slice(chunks.start, chunks.stop)  # an index by lists costs four times as much
        counted = set(np.flatnonzero(self._scores[:, beyond].any(axis=1)).tolist())
        present = set(np.flatnonzero(self._present[:, beyond].any(axis=1)).tolist())
        met: dict[str, str] = {}
        told: set[int] = set()
        for said in self._said:
            if len(met) == most:
                break
            # something counted here for words that do not stand here: most spans need no look-up beyond this
            is_met = not counted.isdisjoint(said.rows) and present.isdisjoint(said.rows)
            if is_met and told.isdisjoint(said.places):
                name = next((name for name, key in said.names if self._stands(key, chunks)), None)
                if name and name not in met.values():
                    met.setdefault(said.text, name)
                    told.update(said.places)
        return list(met.items())

    def _stands(self, key: int, chunks: range) -> bool:
        rows: NDArray[np.int64] = self._chunks_with(key)
        at = int(rows.searchsorted(chunks.start))
        return at < len(rows) and int(rows[at]) < chunks.stop


def _read(question: Question, lexical: Lexical) -> Sequence[_Said]:
    """The longest first: "load balancer" says more than its words, which are told only where it is not met."""
    rows = {word.key: row for row, word in enumerate(lexical.words) if word.weight == _FULL_WEIGHT}
    tokens = _WORD.findall(question.text)
    read: list[_Said] = []
    for entry in entries_in(tokens):
        places = range(entry.start, entry.stop)
        own = [rows[key] for stem in entry.stems if (key := terms.term_hash(stem)) in rows]
        said = tokens[places.start : places.stop]
        if len(entry.stems) > 1 and not own and entry.as_one in rows:
            own = [rows[entry.as_one]]
        if not own:
            continue
        names = [(name, key) for name, (key, _) in zip(entry.names, entry.related, strict=True) if key not in rows]
        read.append(_Said(" ".join(said), places, own, names))
    return read
