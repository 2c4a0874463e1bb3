"""Describes each file that may answer by numbers for the ranker.

Every feature lies between 0 and 1, higher meaning more of what its name says; a role that was asked for is -0.5. Scores
without a scale are divided by the best of the candidates. Knows nothing of weights.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..index.columns import runs
from .calls import MOST_CALLED, files_called_by
from .candidates import choose_files
from .corpus import Corpus
from .definitions import MatchedDefinition
from .facts import facts_of
from .highest import highest
from .lexical import Lexical
from .question import Question
from .translations import without_translations

__all__ = ["FEATURES", "Candidates", "describe"]

_MOST_CHUNKS_SUMMED = 3
_MOST_SUMMED = 3  # definitions of a file
_MOST_CALLERS = 64  # chunks; NDCG@10 of both kinds gains .003 with 32, .006 and .003 with 64, .001 and -.002 with 150
_ASKED = -0.5  # what a role tells against a file; where files of that role were asked for, half as much for it

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
    "meaning",  # best of a chunk, by the vectors of words
    "meanings",  # a third of the sum over the best three
    "similarity",  # best similarity of a chunk by an embedder's vectors
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
    "main_definition",  # share of its lines that its best definition takes
    "called",  # how many of the best chunks of other files call what it defines
)


@dataclass(frozen=True)
class Candidates:
    """The files that may answer.

    Attributes:
        files: Their rows, ascending by path.
        features: In the order of `FEATURES`. Shape (files, features).
        definitions: The matching definitions of each file row, best first.
        similarity: The similarity of each chunk row by an embedder's vectors, or None. Shape (chunks,).
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
    files = without_translations(choose_files(lexical, by_file, similarity, corpus), question, corpus)
    features = np.zeros((len(files), len(FEATURES)), np.float32)
    if files:
        columns = {
            **_by_chunks(files, lexical, similarity, corpus),
            **_by_file(files, lexical, corpus),
            **_by_names(files, lexical, corpus),
            **_by_definitions(files, by_file, corpus),
            "called": _called(lexical, corpus)[files],
            **_by_roles(question, files, corpus),
        }
        for name, values in columns.items():
            features[:, _COLUMN[name]] = values
    for name in _RELATIVE:
        column = features[:, _COLUMN[name]]
        column /= column.max(initial=0.0) or 1.0
    return Candidates(files, features, by_file, similarity)


_COLUMN = {name: at for at, name in enumerate(FEATURES)}
_RELATIVE = ("chunk", "chunks", "file", "head", "definitions", "depth", "length")

_Columns = dict[str, NDArray[Any] | list[float]]


def _by_chunks(files: list[int], lexical: Lexical, similarity: NDArray[np.float32] | None, corpus: Corpus) -> _Columns:
    firsts, beyond = (bounds[files] for bounds in corpus.chunk_bounds)
    sizes = beyond - firsts
    stops = np.cumsum(sizes)
    starts = stops - sizes
    rows, of_file = runs(firsts, beyond)
    scores = lexical.chunk[rows]
    some = sizes > 0  # `reduceat` knows no empty runs
    similar = np.zeros(len(files), np.float32)
    if similarity is not None and len(rows):
        similar[some] = np.maximum.reduceat(similarity[rows], starts[some])
    of_best = _best_of_each(scores, of_file, starts, sizes)
    meanings = _best_of_each(np.maximum(lexical.meaning[rows], 0), of_file, starts, sizes)
    return {
        "chunk": of_best[0],
        "chunks": np.sum(of_best, axis=0),
        "head": np.append(scores, np.float32(0))[np.where(some, starts, len(scores))],
        "meaning": meanings[0],
        "meanings": np.sum(meanings, axis=0) / _MOST_CHUNKS_SUMMED,
        "similarity": np.maximum(similar, 0),
    }


def _best_of_each(
    scores: NDArray[np.float32], of_file: NDArray[np.int64], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> list[NDArray[np.float32]]:
    """The best score of each file, the second best and so on; 0 where it has fewer chunks."""
    # one key of 64 bits is sorted three times as quickly as two; equal scores may change places, as values are alike
    order = np.argsort(2.0 * of_file - scores / np.float64(scores.max(initial=0.0) or 1.0))
    ordered = np.append(scores[order], np.float32(0))
    return [ordered[np.where(at < sizes, starts + at, len(scores))] for at in range(_MOST_CHUNKS_SUMMED)]


def _called(lexical: Lexical, corpus: Corpus) -> NDArray[np.float32]:
    best = highest(lexical.chunk, corpus.chunk_order, most=_MOST_CALLERS)
    return files_called_by(best[lexical.chunk[best] > 0].tolist(), corpus) / np.float32(MOST_CALLED)


def _by_file(files: list[int], lexical: Lexical, corpus: Corpus) -> _Columns:
    return {
        "file": lexical.file[files],
        "path": lexical.path[files],
        "stem": lexical.stem[files],
        "depth": facts_of(corpus).depth(files),
        "length": np.log2(1 + corpus.num_lines[files]),
        "path_related": lexical.path_related[files],
        "stem_related": lexical.stem_related[files],
        "definitions_related": lexical.definitions_related[files],
    }


def _by_names(files: list[int], lexical: Lexical, corpus: Corpus) -> _Columns:
    mass, total = lexical.mass_by_key, lexical.total_mass
    keys = frozenset(mass)
    stem_whole, parents = [0.0] * len(files), [0.0] * len(files)
    for at, (stem, parent) in enumerate(map(facts_of(corpus).names, files)):
        if not keys.isdisjoint(stem):  # most files share nothing with the question
            stem_whole[at] = len(keys & stem) / len(stem)
        if not keys.isdisjoint(parent):
            parents[at] = sum(map(mass.__getitem__, mass.keys() & parent)) / total
    return {"stem_whole": stem_whole, "parent": parents}


def _by_definitions(files: list[int], by_file: dict[int, list[MatchedDefinition]], corpus: Corpus) -> _Columns:
    columns = {name: [0.0] * len(files) for name in ("definition", "definitions", "named", "main_definition")}
    lines = corpus.num_lines
    for at, file in enumerate(files):
        if found := by_file.get(file):
            columns["definition"][at] = max(each.by_words for each in found)
            columns["definitions"][at] = sum(each.score for each in found[:_MOST_SUMMED])
            columns["named"][at] = float(any(each.named for each in found))
            own = found[0].end - found[0].start + 1
            columns["main_definition"][at] = min(1.0, own / max(int(lines[file]), 1))
    return {**columns}


def _by_roles(question: Question, files: list[int], corpus: Corpus) -> _Columns:
    columns = facts_of(corpus).roles(files)
    for name, asked in (
        ("test", question.about_tests),
        ("example", question.about_examples),
        ("document", question.about_docs),
        ("history", question.about_history),
    ):
        columns[name] *= np.float32(_ASKED if asked else 1)
    if question.about_settings:
        columns |= dict.fromkeys(("document", "data"), np.zeros(len(files), np.float32))
    return {**columns}
