"""Describes each chunk of the best files by numbers for the ranker.

What a number means stands beside its name. Knows nothing of weights, or of which lines will be shown.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .calls import called_by
from .corpus import Corpus
from .facts import facts_of
from .features import Candidates
from .lexical import Lexical
from .question import Question

__all__ = ["CHUNK_FEATURES", "Passages", "describe_chunks", "with_calls"]

_MOST_FILES = 40
_MOST_CALLERS = 16

CHUNK_FEATURES = (
    "chunk",  # BM25, divided by the best of all
    "coverage",  # share of the question here, what may stand for a word counting in part
    "present",  # square of the share whose very words are here: all together say more than each
    "words",  # share of the question's words that are here, or what may stand for them
    "around",  # coverage here and in the chunks before and after, taken together
    "meaning",  # by the vectors of words
    "meaning_rank",  # 1 / rank by it in its file
    "similarity",  # by an embedder's vectors
    "similarity_rank",  # 1 / rank by it in its file
    "symbol",  # share of the question in the name of the definition around it
    "definition",  # best definition whose name stands here, by the words in it
    "named",  # defines a name that the question gives
    "called",  # defines what one of the best chunks calls
    "position",  # 0 at the start of the file, towards 1 at its end
    "head",  # first of several: licences and imports name many things and answer little
    "lines",  # log2 of how many
    "chunks",  # log2 of how many its file has: each has the smaller part in why the file ranked
    "file",  # score of the file, less that of the best
    "file_rank",  # 1 / (1 + rank of the file / 5), from 0
    "path",  # share of the question in the path
    "language",  # share of all lines that are in the file's language
    "test",
    "document",
    "data",
    "history",
    "document_asked",  # a document, where documents or settings are asked for
    "data_asked",
)


@dataclass(frozen=True)
class Passages:
    """The chunks that may answer.

    Attributes:
        files: The file rows they are of, best first.
        rows: Their chunk rows, file by file, ascending inside each. Shape (n,).
        offsets: Where the chunks of each file begin in `rows`, and the end. Shape (files + 1,).
        features: In the order of `CHUNK_FEATURES`. Shape (n, features).
    """

    files: list[int]
    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]
    features: NDArray[np.float32]


def describe_chunks(
    question: Question, candidates: Candidates, file_scores: NDArray[np.float32], lexical: Lexical, corpus: Corpus
) -> Passages:
    """The chunks of the best files and their features."""
    best = np.argsort(-file_scores, kind="stable")[:_MOST_FILES]
    chunks = [corpus.chunks_of(candidates.files[at]) for at in best.tolist()]
    best = best[[len(each) > 0 for each in chunks]] if len(best) else best
    chunks = [each for each in chunks if each]
    files = [candidates.files[at] for at in best.tolist()]
    sizes = np.array([len(each) for each in chunks], np.int64)
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    rows = np.concatenate([np.zeros(0, np.int64), *(np.arange(each.start, each.stop) for each in chunks)])
    of_file = np.repeat(np.arange(len(files)), sizes)
    features = np.zeros((len(rows), len(CHUNK_FEATURES)), np.float32)
    if len(rows):
        columns = {
            **_by_words(rows, of_file, lexical),
            **_by_similarity("meaning", lexical.meaning, rows, offsets, of_file),
            **_by_similarity("similarity", candidates.similarity, rows, offsets, of_file),
            **_by_definitions(rows, offsets, files, candidates, lexical),
            **_by_place(rows, offsets, of_file, corpus),
            **{name: values[of_file] for name, values in _by_file(question, files, lexical, corpus).items()},
            "called": np.zeros(len(rows), np.float32),  # is known by their scores alone
            "file": (file_scores[best] - file_scores.max())[of_file],
            "file_rank": 1 / (1 + of_file / 5),
        }
        for at, name in enumerate(CHUNK_FEATURES):
            features[:, at] = columns[name]
    return Passages(files, rows, offsets, features)


def with_calls(passages: Passages, scores: NDArray[np.float32], corpus: Corpus) -> Passages:
    """The same chunks, with what those of the highest scores call."""
    best = passages.rows[np.argsort(-scores, kind="stable")[:_MOST_CALLERS]].tolist()
    features = passages.features.copy()
    features[:, CHUNK_FEATURES.index("called")] = called_by(best, corpus)[passages.rows]
    return replace(passages, features=features)


_Columns = dict[str, NDArray[np.floating]]


def _by_words(rows: NDArray[np.int64], of_file: NDArray[np.int64], lexical: Lexical) -> _Columns:
    # `take` is four times as quick as an index in brackets
    scores, present = lexical.chunk_words.take(rows, axis=1), lexical.chunk_present.take(rows, axis=1)
    total = np.float32(lexical.total_mass)
    covered = np.minimum(scores, lexical.mass[:, None])
    return {
        "chunk": lexical.chunk[rows] / (lexical.chunk.max(initial=0.0) or np.float32(1)),
        "coverage": covered.sum(axis=0) / total,
        "around": _with_neighbours(covered, of_file).sum(axis=0) / total,
        "present": (lexical.mass @ present.astype(np.float32) / total) ** 2,
        "words": (scores > 0).sum(axis=0) / max(len(lexical.words), 1),
    }


def _with_neighbours(covered: NDArray[np.float32], of_file: NDArray[np.int64]) -> NDArray[np.float32]:
    """The best of each chunk and of those beside it in its file. Shapes (words, n)."""
    same = np.diff(of_file) == 0
    before, after = covered[:, :-1] * same, covered[:, 1:] * same
    best = covered.copy()
    np.maximum(best[:, 1:], before, out=best[:, 1:])
    np.maximum(best[:, :-1], after, out=best[:, :-1])
    return best


def _by_similarity(
    name: str,
    similarity: NDArray[np.float32] | None,
    rows: NDArray[np.int64],
    offsets: NDArray[np.int64],
    of_file: NDArray[np.int64],
) -> _Columns:
    if similarity is None:
        nothing = np.zeros(len(rows), np.float32)
        return {name: nothing, f"{name}_rank": nothing}
    similar = np.maximum(similarity[rows], 0)
    ranks = np.empty(len(rows), np.float32)
    order = np.lexsort((-similar, of_file))
    ranks[order] = np.arange(len(rows)) - offsets[of_file] + 1
    return {name: similar, f"{name}_rank": 1 / ranks}


def _by_definitions(
    rows: NDArray[np.int64], offsets: NDArray[np.int64], files: list[int], candidates: Candidates, lexical: Lexical
) -> _Columns:
    best = [0.0] * len(rows)
    named = [0.0] * len(rows)
    starts = offsets[:-1]
    for file, beyond in zip(files, (rows[starts] - starts).tolist(), strict=True):
        for definition in candidates.definitions.get(file, ()):
            row = definition.chunk - beyond
            best[row] = max(best[row], definition.by_words)
            named[row] = max(named[row], float(definition.named))
    return {
        "definition": np.array(best, np.float32),
        "named": np.array(named, np.float32),
        "symbol": lexical.symbol[rows],
    }


def _by_place(
    rows: NDArray[np.int64], offsets: NDArray[np.int64], of_file: NDArray[np.int64], corpus: Corpus
) -> _Columns:
    sizes = np.diff(offsets)[of_file]
    at = np.arange(len(rows)) - offsets[of_file]
    return {
        "position": at / sizes,
        "head": ((at == 0) & (sizes > 1)).astype(np.float32),
        "lines": np.log2(1 + corpus.num_chunk_lines[rows]),
        "chunks": np.log2(1 + sizes),
    }


def _by_file(question: Question, files: list[int], lexical: Lexical, corpus: Corpus) -> _Columns:
    facts = facts_of(corpus)
    roles = facts.roles(files)
    document, data = roles["document"], roles["data"]
    asked = np.float32(question.about_docs or question.about_settings)
    return {
        "path": lexical.path[files],
        "language": facts.language_shares[files],
        "test": roles["test"],
        "document": document,
        "data": data,
        "history": roles["history"],
        "document_asked": document * asked,
        "data_asked": data * asked,
    }
