"""Describes each file that may answer by numbers for the ranker.

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
from .candidates import best_of_files, choose_files
from .corpus import Corpus
from .definitions import MatchedDefinition
from .lexical import Lexical
from .question import Question

__all__ = ["FEATURES", "Candidates", "describe"]

_GOOD_RECALL = 0.25  # a definition whose name holds so much of the question is one that it is about
_FEWEST_LINES = 20  # a file of three lines is about nothing

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
    "path_related",  # share of the question in the path, what may stand for a word counting in part
    "stem_related",  # the same in the file's name
    "definitions_related",  # the same in the names of all its definitions together
    "rank_chunk",  # 1 / rank among the candidates, 0 where there is nothing to rank
    "rank_stem",
    "rank_definitions",
    "focus",  # share of its lines that are definitions named like the question
    "main_definition",  # share of its lines that its best definition takes
)


@dataclass(frozen=True)
class Candidates:
    """The files that may answer.

    Attributes:
        files: Their rows, ascending by path.
        features: In the order of `FEATURES`. Shape (files, features).
        definitions: The matching definitions of each file row, best first.
        similarity: The latent similarity of each chunk row, or None. Shape (chunks,).
    """

    files: list[int]
    features: NDArray[np.float32]
    definitions: dict[int, list[MatchedDefinition]]
    similarity: NDArray[np.float32] | None


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
    files = choose_files(lexical, by_file, similarity, corpus)
    best_chunk = best_of_files(lexical.chunk, corpus)
    similar = None if similarity is None else best_of_files(similarity, corpus)
    reader = _Reader(question, lexical, by_file, best_chunk, similar, corpus)
    features = np.array([reader.features(file) for file in files], np.float32).reshape(len(files), len(FEATURES))
    for name in _RELATIVE:
        column = features[:, FEATURES.index(name)]
        column /= column.max(initial=0.0) or 1.0
    for name, of in _RANKS.items():
        features[:, FEATURES.index(name)] = _reciprocal_ranks(features[:, FEATURES.index(of)])
    return Candidates(files, features, by_file, similarity)


_RANKS = {"rank_chunk": "chunk", "rank_stem": "stem_related", "rank_definitions": "definitions"}
_RELATIVE = ("chunk", "chunks", "file", "head", "definitions", "used", "depth", "length")


def _reciprocal_ranks(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    ranks = np.empty(len(scores), np.float32)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return np.where(scores > 0, 1 / ranks, np.float32(0))


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
            log2(1 + self.corpus.num_lines(file)),
            float(self.lexical.path_related[file]),
            float(self.lexical.stem_related[file]),
            float(self.lexical.definitions_related[file]),
            *(0.0 for _ in _RANKS),  # filled in when all candidates are known
            *self._shares(file, definitions),
        ]

    def _shares(self, file: int, definitions: list[MatchedDefinition]) -> tuple[float, float]:
        """How much of the file the definitions that match take, and its best one alone."""
        lines = self.corpus.num_lines(file)
        if not definitions:
            return 0.0, 0.0
        covered = np.zeros(lines + 1, np.bool_)
        for each in definitions:
            if each.recall > _GOOD_RECALL:
                covered[each.start : each.end + 1] = True
        best = definitions[0]
        return float(covered.sum()) / max(lines, _FEWEST_LINES), min(1.0, (best.end - best.start + 1) / max(lines, 1))

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
