"""Finds the definitions that a question speaks of: by a name it gives, or by the words in their names.

Knows nothing of chunks' text or of how files are ranked.
"""

from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import terms
from ..index.segment import Segment
from .corpus import Corpus
from .highest import highest
from .lexical import Lexical
from .question import Name, Question

__all__ = ["MatchedDefinition", "match_definitions"]

_MOST = 150  # definitions looked at one by one; beyond these the share of the question covered is small
_MOST_NAMED = 100  # of one name, such as `new`
_TYPES = frozenset({"class", "interface", "trait", "struct", "enum", "type", "module"})
"""A name that is given is more often that of a type than that of what carries the same name beside it."""


class MatchedDefinition(NamedTuple):
    """A definition whose name matches. A tuple: hundreds are made a question, five times as quickly as frozen classes.

    Attributes:
        file: Its file row.
        name, kind, start, end, line: As parsed.
        recall: The share of the question's mass that stands in its name.
        precision: The share of its name's words that stand in the question.
        named: The question gives this very name, with the same owner where it gives one.
        by_words: How well its name matches the words of the question, up to 1.
        score: How well it matches, up to 1 for words and 2 for a name that was given.
        chunk: The chunk row in which its name stands.
        segment, row: Where it is stored.
    """

    file: int
    name: str
    kind: str
    start: int
    end: int
    line: int
    recall: float
    precision: float
    named: bool
    by_words: float
    score: float
    chunk: int
    segment: Segment
    row: int

    @property
    def qualified_name(self) -> str:
        """As parsed; read when it is asked for, since few are shown."""
        return self.segment.qualified_names[self.row]


def match_definitions(question: Question, lexical: Lexical, corpus: Corpus) -> list[MatchedDefinition]:
    """The best matching definitions, best first."""
    named = {row for name in question.names for row in _named(name, corpus)}
    exact = set(_with_name(lexical, corpus).tolist())
    rows, covered = _by_words(lexical, corpus)
    best = highest(covered, corpus.file_order[corpus.files_of_definitions(rows)], most=_MOST)
    chosen = np.array(sorted(named | exact | set(rows[best].tolist())), np.int64)
    recall = np.zeros(len(chosen))
    if len(rows):
        at = np.searchsorted(rows, chosen).clip(max=len(rows) - 1)
        recall = np.where(rows[at] == chosen, covered[at], 0.0)
    found = _read(chosen, recall, named, {word.key for word in lexical.words}, corpus)
    places = corpus.file_order[corpus.files_of_definitions(chosen)]
    starts, scores = np.array([each.start for each in found]), np.array([each.score for each in found])
    order = np.lexsort((starts, places, -scores))
    return [found[at] for at in order.tolist()]


def _with_name(lexical: Lexical, corpus: Corpus) -> NDArray[np.int64]:
    """The definitions whose whole name is a word of the question; of each word's the first by path and line."""
    rows, of = corpus.definitions_of_names(np.array([word.key for word in lexical.words], np.uint64))
    counts = np.bincount(of, minlength=1)
    if counts.max() > _MOST_NAMED:
        order = np.lexsort((rows, corpus.file_order[corpus.files_of_definitions(rows)], of))
        rows, of = rows[order], of[order]
        rows = rows[np.arange(len(rows)) - (np.cumsum(counts) - counts)[of] < _MOST_NAMED]
    return rows


def _named(name: Name, corpus: Corpus) -> list[int]:
    rows: list[int] = corpus.definitions_named(name.key)[:_MOST_NAMED].tolist()
    if not name.owners:
        return rows
    owned = [row for row in rows if _owned(corpus, row, name)]
    return owned or rows


def _owned(corpus: Corpus, row: int, name: Name) -> bool:
    segment, local = corpus.definition(row)
    outer = segment.qualified_names[local].split(".")[:-1]
    return name.owners[-1] in {terms.identifier_key(part) for part in outer}


def _by_words(lexical: Lexical, corpus: Corpus) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows, of, _ = corpus.find("name", np.array([word.key for word in lexical.words], np.uint64))
    worth = lexical.mass[of]
    # np.unique would do, at the cost of importing numpy.ma: 25 ms of a 300 ms question
    order = np.argsort(rows, kind="stable")
    rows, worth = rows[order], worth[order]
    is_first = np.diff(rows, prepend=-1) != 0
    covered = np.bincount(np.cumsum(is_first) - 1, worth, int(is_first.sum())) / lexical.total_mass
    return rows[is_first], covered


def _read(
    rows: NDArray[np.int64], recall: NDArray[np.float64], named: set[int], keys: set[int], corpus: Corpus
) -> list[MatchedDefinition]:
    """The definitions of these rows, which ascend, in their order."""
    found: list[MatchedDefinition] = []
    files, chunks = corpus.files_of_definitions(rows), corpus.chunks_of_definitions(rows)[0]
    is_named = np.array([row in named for row in rows.tolist()], np.bool_)
    for segment, first in corpus.definition_parts():
        inside = slice(*np.searchsorted(rows, [first, first + len(segment.definition_file)]).tolist())
        local = rows[inside] - first
        names, all_kinds = segment.names.take(local), list(segment.kinds)
        kinds = [all_kinds[at] for at in segment.definition_kind[local].tolist()]
        precision_of = {name: _precision(_words_of(name), keys) for name in set(names)}  # many carry the same one
        precision = np.array([precision_of[name] for name in names], np.float64)
        by_words = recall[inside] * (0.4 + 0.6 * precision)
        for_name = 1.5 + 0.5 * np.array([kind in _TYPES for kind in kinds], np.float64)
        columns = zip(
            files[inside].tolist(),
            names,
            kinds,
            segment.definition_start[local].tolist(),
            segment.definition_end[local].tolist(),
            segment.definition_line[local].tolist(),
            recall[inside].tolist(),
            precision.tolist(),
            is_named[inside].tolist(),
            by_words.tolist(),
            np.where(is_named[inside], for_name, by_words).tolist(),
            chunks[inside].tolist(),
            repeat(segment, len(local)),
            local.tolist(),
            strict=True,
        )
        found.extend(map(MatchedDefinition._make, columns))
    return found


def _precision(words: frozenset[int], keys: set[int]) -> float:
    return len(keys & words) / len(words) if words else 0.0


@lru_cache(maxsize=50_000)  # some 300 a question, the same ones for like questions
def _words_of(name: str) -> frozenset[int]:
    return frozenset(terms.hash_counts(" ".join(terms.split_identifier(name))))
