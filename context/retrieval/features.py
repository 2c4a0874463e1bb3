"""Chooses the files that may answer and describes each by numbers for the ranker.

Every feature lies between 0 and 1, higher meaning more of what its name says; a role that was asked for is -0.5. Scores
without a scale are divided by the best of the candidates. Knows nothing of weights.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from .. import terms
from ..index.segment import stem_of
from .corpus import Corpus
from .definitions import MatchedDefinition
from .lexical import Lexical
from .question import Question

__all__ = ["FEATURES", "Candidates", "describe"]

_MOST_BY_FIELD = 40  # recall of the right file among the best 50 of BM25 alone is 0.99
_HEAD_CHUNKS = 1  # what a file says of itself stands at its start

FEATURES = (
    "chunk",  # BM25 of the best chunk
    "chunks",  # sum over the best three chunks
    "file",  # BM25 of the file as a whole
    "head",  # BM25 of the first chunk
    "path",  # share of the question in the path
    "stem",  # share of the question in the file's name
    "stem_whole",  # share of the file's name in the question
    "parent",  # share of the question in the folder's name
    "definition",  # best definition by the words in its name
    "definitions",  # sum over the best three definitions
    "named",  # defines a name that the question gives
    "coverage_chunk",  # share of the question, related words in part, in the chunk that holds most of it
    "coverage_file",  # share of the question in the file
    "used",  # how many other files refer to the definitions that match
    "similarity",  # best latent similarity of a chunk
    "test",
    "example",
    "benchmark",
    "compatibility",
    "vendored",
    "document",
    "history",
    "data",
    "index",
    "types_only",
    "tooling",
    "depth",
    "length",
)


@dataclass(frozen=True)
class Candidates:
    """The files that may answer.

    Attributes:
        files: Their rows, ascending by path.
        features: In the order of `FEATURES`. Shape (files, features).
        definitions: The matching definitions of each file row, best first.
        similarity: The latent similarity of each chunk row, or None. Shape (chunks,).
        users: The chunk rows that refer to a name of a question that asks for uses, with that name.
    """

    files: list[int]
    features: NDArray[np.float32]
    definitions: dict[int, list[MatchedDefinition]]
    similarity: NDArray[np.float32] | None
    users: dict[int, str]


def describe(
    question: Question,
    lexical: Lexical,
    definitions: Sequence[MatchedDefinition],
    similarity: NDArray[np.float32] | None,
    corpus: Corpus,
) -> Candidates:
    """The candidates and their features."""
    by_file: dict[int, list[MatchedDefinition]] = defaultdict(list)
    for definition in definitions:
        by_file[definition.file].append(definition)
    best_chunk = _best_of_files(lexical.chunk, corpus)
    similar = None if similarity is None else _best_of_files(similarity, corpus)
    users = _users(question, corpus)
    files = _choose(lexical, best_chunk, similar, by_file, users, corpus)
    reader = _Reader(question, lexical, by_file, best_chunk, similar, corpus)
    features = np.array([reader.features(file) for file in files], np.float32).reshape(len(files), len(FEATURES))
    for name in _RELATIVE:
        column = features[:, FEATURES.index(name)]
        column /= column.max(initial=0.0) or 1.0
    return Candidates(files, features, by_file, similarity, users)


_RELATIVE = ("chunk", "chunks", "file", "head", "definitions", "used", "depth", "length")


def _best_of_files(scores: NDArray[np.float32], corpus: Corpus) -> NDArray[np.float32]:
    best = np.zeros(corpus.size, np.float32)
    if len(scores):
        firsts = np.flatnonzero(np.diff(corpus.chunk_file, prepend=-1))
        best[corpus.chunk_file[firsts]] = np.maximum.reduceat(scores, firsts)
    return np.where(corpus.live, best, np.float32(0))


def _choose(
    lexical: Lexical,
    best_chunk: NDArray[np.float32],
    similar: NDArray[np.float32] | None,
    by_file: dict[int, list[MatchedDefinition]],
    users: dict[int, str],
    corpus: Corpus,
) -> list[int]:
    fields = [best_chunk, lexical.file, lexical.path * corpus.live]
    fields += [] if similar is None else [similar]
    chosen = {file for scores in fields for file in _highest(scores)}
    chosen.update(list(by_file)[:_MOST_BY_FIELD])
    chosen.update(corpus.chunk_file[list(users)[:_MOST_BY_FIELD]].tolist())
    return sorted(chosen, key=corpus.path)


def _users(question: Question, corpus: Corpus) -> dict[int, str]:
    if not question.about_uses:
        return {}
    return {row: name.text for name in question.names for row in corpus.chunks_referring_to(name.key)[0].tolist()}


def _highest(scores: NDArray[np.float32]) -> list[int]:
    most = min(_MOST_BY_FIELD, len(scores))
    if not most:
        return []
    # ties at the end are all taken, so that the choice does not hang on row numbers
    least = np.partition(scores, len(scores) - most)[len(scores) - most]
    rows: list[int] = np.flatnonzero((scores >= least) & (scores > 0)).tolist()
    return rows[: 4 * _MOST_BY_FIELD]


@dataclass(frozen=True)
class _Reader:
    """Reads the features of one file."""

    question: Question
    lexical: Lexical
    by_file: dict[int, list[MatchedDefinition]]
    best_chunk: NDArray[np.float32]
    similar: NDArray[np.float32] | None
    corpus: Corpus

    def features(self, file: int) -> list[float]:
        chunks = self.corpus.chunks_of(file)
        inside = slice(chunks.start, chunks.stop)
        scores = np.sort(self.lexical.chunk[inside])[::-1]
        mass = self.lexical.mass
        total = self.lexical.total_mass
        definitions = self.by_file.get(file, [])
        return [
            float(self.best_chunk[file]),
            float(scores[:3].sum()),
            float(self.lexical.file[file]),
            float(self.lexical.chunk[chunks.start]) if chunks else 0.0,
            float(self.lexical.path[file]),
            float(self.lexical.stem[file]),
            *self._names(file),
            max((each.by_words for each in definitions), default=0.0),
            sum(each.score for each in definitions[:3]),
            float(any(each.named for each in definitions)),
            float(self.lexical.coverage(inside).max(initial=0.0)),
            float(mass @ self.lexical.file_present[:, file]) / total,
            self._used(file, definitions),
            0.0 if self.similar is None else max(0.0, float(self.similar[file])),
            *self._roles(file),
            float(self.corpus.path(file).count("/")),
            log2(1 + int(self.corpus.file(file)[0].file_lines[self.corpus.file(file)[1]])),
        ]

    def _names(self, file: int) -> tuple[float, float]:
        folder, _, name = self.corpus.path(file).rpartition("/")
        mass = self.lexical.mass_by_key
        stem = terms.hash_counts(" ".join(terms.split_identifier(stem_of(name))))
        parent = terms.hash_counts(folder.rpartition("/")[2])
        whole = sum(key in mass for key in stem) / len(stem) if stem else 0.0
        return whole, sum(mass.get(key, 0.0) for key in parent) / self.lexical.total_mass

    def _used(self, file: int, definitions: list[MatchedDefinition]) -> float:
        users: set[int] = set()
        for each in definitions[:3]:
            rows, _ = self.corpus.chunks_referring_to(terms.identifier_key(each.name))
            users.update(self.corpus.chunk_file[rows].tolist())
        return log2(1 + len(users - {file}))

    def _roles(self, file: int) -> list[float]:
        roles, question = self.corpus.roles(file), self.question
        return [
            _unless(roles.test, asked=question.about_tests),
            _unless(roles.example, asked=question.about_examples),
            float(roles.benchmark),
            float(roles.compatibility),
            float(roles.vendored),
            0.0 if question.about_settings else _unless(roles.document, asked=question.about_docs),
            _unless(roles.history, asked=question.about_history),
            float(roles.data and not question.about_settings),
            float(roles.index),
            float(roles.types_only),
            float(roles.tooling),
        ]


def _unless(role: bool, *, asked: bool) -> float:
    """What a role tells against a file; where files of that role were asked for, it tells half as much for it."""
    return float(role) * (-0.5 if asked else 1.0)
