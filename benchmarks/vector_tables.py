"""Vectors as they are shipped: whole numbers of the most frequent words, written a line a word; and how good they are.

Knows nothing of how they were learned, and needs no torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pair_files import RepositoryPairs
from prose_pairs import Pair

__all__ = ["Ranks", "WordVectors", "held_out_ranks", "make_table", "write_vectors"]

_VERSION = 1
_MOST = 31  # the largest whole number: of 63 characters none is a space or "-"
_ZERO = 79
_NONE = "-"
_PERCENTILE = 99.9  # what is beyond is cut: a few large values would leave the others few steps
_MOST_CANDIDATES = 1_000
_WEIGHT_OF_VECTORS = 10.0  # beside the words; 5 and 20 find less

Table = Mapping[str, NDArray[np.int8]]


@dataclass(frozen=True, slots=True)
class WordVectors:
    """What is shipped: the vector of each word that people say, and of each term of code."""

    question_words: Table
    code_terms: Table


@dataclass(frozen=True, slots=True)
class Ranks:
    """Mean reciprocal ranks of the right code, among others of its repository: means over repositories.

    Attributes:
        vectors: By the cosine of the two vectors.
        words: By the words that stand in both, each by its rarity.
        both: By the sum.
    """

    vectors: float
    words: float
    both: float


def make_table(numbers: Mapping[str, int], vectors: NDArray[np.float32], *, limit: int) -> Table:
    """The vectors of the first words as whole numbers, on one scale. What ASCII cannot write is left out."""
    first = dict(islice(((word, number) for word, number in numbers.items() if word.isascii()), limit))
    chosen = vectors[list(first.values())]
    step = max(float(np.percentile(np.abs(chosen), _PERCENTILE)) / _MOST, 1e-9) if chosen.size else 1.0
    whole = np.clip(np.rint(chosen / step), -_MOST, _MOST).astype(np.int8)
    return dict(zip(first, whole, strict=True))


def write_vectors(file: Path, vectors: WordVectors, *, dimensions: int, about: str) -> None:
    """Writes both tables as `repoask.context.word_vectors` reads them, at once."""
    lines = [f"# repoask word vectors {_VERSION}: {dimensions} dimensions; {about}"]
    lines += [
        f"{stem} {_written(stem, vectors.question_words)} {_written(stem, vectors.code_terms)}"
        for stem in sorted({*vectors.question_words, *vectors.code_terms})  # all above a space: lines are in order too
    ]
    scratch = file.with_name(f"{file.name}.part")
    scratch.write_text("".join(f"{line}\n" for line in lines), encoding="ascii", newline="\n")
    scratch.replace(file)


def held_out_ranks(vectors: WordVectors, repositories: Sequence[RepositoryPairs], *, seed: int) -> Ranks:
    """How well comments find their code in repositories that nothing was learned from."""
    random = np.random.default_rng(seed)
    ranks = []
    for one in repositories:
        chosen = random.permutation(len(one.comments))[:_MOST_CANDIDATES]
        pairs = [one.comments[at] for at in chosen.tolist()]
        if pairs:
            by_vectors, by_words = _by_vectors(pairs, vectors), _by_words(pairs)
            both = by_words + _WEIGHT_OF_VECTORS * by_vectors
            ranks.append([_mean_reciprocal_rank(scores) for scores in (by_vectors, by_words, both)])
    return Ranks(*np.mean(ranks, axis=0).tolist()) if ranks else Ranks(0.0, 0.0, 0.0)


def _written(stem: str, table: Table) -> str:
    vector = table.get(stem)
    return _NONE if vector is None else "".join(chr(_ZERO + value) for value in vector.tolist())


def _by_vectors(pairs: Sequence[Pair], vectors: WordVectors) -> NDArray[np.float64]:
    said = _directions([pair.said for pair in pairs], vectors.question_words)
    code = _directions([pair.code for pair in pairs], vectors.code_terms)
    scores: NDArray[np.float64] = said @ code.T
    return scores


def _directions(texts: Sequence[Sequence[str]], table: Table) -> NDArray[np.float64]:
    width = len(next(iter(table.values()), ()))
    sums = np.zeros((len(texts), width))
    for row, text in enumerate(texts):
        for word in text:
            if word in table:
                sums[row] += table[word]
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    directions: NDArray[np.float64] = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
    return directions


def _by_words(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """The words that a text and a code share, each by how few of the codes it stands in."""
    shared = {word for pair in pairs for word in pair.said} & {term for pair in pairs for term in pair.code}
    columns = {word: column for column, word in enumerate(sorted(shared))}
    said, code = np.zeros((2, len(pairs), len(columns)), np.float32)
    for row, pair in enumerate(pairs):
        said[row, [columns[word] for word in pair.said if word in columns]] = 1
        code[row, [columns[term] for term in pair.code if term in columns]] = 1
    rarity = np.log1p(len(pairs) / code.sum(axis=0))
    scores: NDArray[np.float64] = ((said * rarity) @ code.T).astype(np.float64)
    return scores


def _mean_reciprocal_rank(scores: NDArray[np.float64]) -> float:
    """Of the diagonal in its row. Equals share their ranks."""
    right = scores.diagonal()[:, None]
    ranks = 1 + (scores > right).sum(axis=1) + ((scores == right).sum(axis=1) - 1) / 2
    return float((1 / ranks).mean())
