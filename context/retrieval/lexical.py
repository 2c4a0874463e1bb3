"""Scores chunks, files, paths and names by the words of a question: BM25 over what is live.

The inverse document frequency of a word is that of chunks everywhere, so that the share of the question that a path or
a name covers is measured in one unit. Knows nothing of how scores are weighed against each other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ..word_vectors import question_vector
from .corpus import Corpus, Hits
from .question import Question, Word

__all__ = ["Lexical", "match"]

# Robertson's usual constants; b of whole files is lower, since a long file is long for good reasons
_K1 = 1.2
_B_CHUNK = 0.75
_B_FILE = 0.5

_MOST_CHUNKS_NAMED = 4  # of a definition, from where its name stands
_MOST_WORDS = 64  # of a question: it may be a pasted stack trace, and each word costs a row of all chunks


@dataclass(frozen=True)
class Lexical:
    """How well everything matches the words of a question.

    Attributes:
        words: The words of the question that were looked for.
        mass: What each word counts: its idf times its weight, 0 for a guess that stands nowhere. Shape (words,).
        chunk_words: BM25 of each word, or of what is related to it, in each chunk. Shape (words, chunks).
        chunk_present: Whether the word itself stands in each chunk. Shape (words, chunks).
        chunk: BM25 of each chunk. Shape (chunks,).
        file: BM25 of each file as a whole. Shape (files,).
        path, stem: The share of the question's mass in the path and in the stem. Shape (files,).
        path_related, stem_related: The same, where what may stand for a word counts in part.
        definitions_related: The same in the names of a file's definitions, taken together.
        symbol: The same in the name of the best definition around each chunk. Shape (chunks,).
        meaning: The cosine of each chunk's word vector with the question's. Shape (chunks,).
    """

    words: tuple[Word, ...]
    mass: NDArray[np.float32]
    chunk_words: NDArray[np.float32]
    chunk_present: NDArray[np.bool_]
    chunk: NDArray[np.float32]
    file: NDArray[np.float32]
    path: NDArray[np.float32]
    stem: NDArray[np.float32]
    path_related: NDArray[np.float32]
    stem_related: NDArray[np.float32]
    definitions_related: NDArray[np.float32]
    symbol: NDArray[np.float32]
    meaning: NDArray[np.float32]

    @property
    def total_mass(self) -> float:
        """What the whole question counts."""
        return float(self.mass.sum()) or 1.0

    @cached_property
    def mass_by_key(self) -> dict[int, float]:
        """What each word counts, by the hash of its term."""
        return {word.key: float(worth) for word, worth in zip(self.words, self.mass, strict=True)}


def match(question: Question, corpus: Corpus) -> Lexical:
    """Looks every word of a question up in the text, paths and stems of a corpus."""
    words, mass = _weigh(question.words, corpus)
    by_name = _Names.match(words, mass, corpus)
    hits = [corpus.chunks_with(word.key) for word in words]
    chunk_words = np.zeros((len(words), len(corpus.chunk_file)), np.float32)
    chunk_present = np.zeros(chunk_words.shape, np.bool_)
    file = np.zeros(corpus.size, np.float32)
    damping = _damping(corpus)[1]
    for row, (word, (chunks, counts)) in enumerate(zip(words, hits, strict=True)):
        chunk_words[row][chunks] = mass[row] * _saturated((chunks, counts), corpus)
        chunk_present[row][chunks] = True
        _add_related(chunk_words[row], word, corpus)
        in_file = np.bincount(corpus.chunk_file[chunks], counts, corpus.size).astype(np.float32)
        holding = np.flatnonzero(in_file)
        times = in_file[holding]
        file[holding] += mass[row] * times * (_K1 + 1) / (times + damping[holding])
    return Lexical(
        words=words,
        mass=mass,
        chunk_words=chunk_words,
        chunk_present=chunk_present,
        chunk=chunk_words.sum(axis=0),
        file=file,
        path=_covered("path", words, mass, corpus),
        stem=_covered("stem", words, mass, corpus),
        path_related=_in_field("path", words, mass, corpus),
        stem_related=_in_field("stem", words, mass, corpus),
        definitions_related=by_name.files,
        symbol=by_name.chunks,
        meaning=corpus.meanings(question_vector(question.text)),
    )


def _weigh(words: tuple[Word, ...], corpus: Corpus) -> tuple[tuple[Word, ...], NDArray[np.float32]]:
    """The words that count most, in the order of the question, and their mass."""
    frequency = np.array([len(corpus.chunks_with(word.key)[0]) for word in words], np.int64)
    weights = np.array([word.weight for word in words], np.float32)
    guesses = np.array([word.optional for word in words], np.bool_)
    mass = np.where(guesses & (frequency == 0), np.float32(0), _idf(frequency, corpus.num_chunks) * weights)
    if len(words) > _MOST_WORDS:
        # of a pasted text, what stands nowhere is of no use
        kept = np.sort(np.argsort(-mass * (frequency > 0), kind="stable")[:_MOST_WORDS])
        words, mass = tuple(words[at] for at in kept.tolist()), mass[kept]
    return words, mass


def _idf(frequency: NDArray[np.int64], num_chunks: int) -> NDArray[np.float32]:
    return np.log1p((num_chunks - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)


def _saturated(hits: Hits, corpus: Corpus) -> NDArray[np.float32]:
    rows, counts = hits
    return counts * (_K1 + 1) / (counts + _damping(corpus)[0][rows])


@lru_cache(maxsize=2)
def _damping(corpus: Corpus) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the length of each chunk, and of each file as a whole, takes off how often a word stands there."""
    chunks = _K1 * (1 - _B_CHUNK + _B_CHUNK * corpus.chunk_length / corpus.mean_chunk_length)
    files = _K1 * (1 - _B_FILE + _B_FILE * corpus.file_length / corpus.mean_file_length)
    return chunks.astype(np.float32, copy=False), files.astype(np.float32, copy=False)


def _add_related(scores: NDArray[np.float32], word: Word, corpus: Corpus) -> None:
    """Raises the chunks where a related word says more than the word itself: the best one counts, not their sum."""
    for key, share in word.related:
        hits = corpus.chunks_with(key)
        rows = hits[0]
        if len(rows):
            worth = _idf(np.array([len(rows)]), corpus.num_chunks)[0] * word.weight * share
            scores[rows] = np.maximum(scores[rows], worth * _saturated(hits, corpus))


def _covered(field: str, words: Sequence[Word], mass: NDArray[np.float32], corpus: Corpus) -> NDArray[np.float32]:
    covered = np.zeros(corpus.size, np.float32)
    for word, worth in zip(words, mass, strict=True):
        covered[corpus.files_with(field, word.key)[0]] += worth
    return covered / (float(mass.sum()) or 1.0)


def _in_field(field: str, words: Sequence[Word], mass: NDArray[np.float32], corpus: Corpus) -> NDArray[np.float32]:
    covered = np.zeros(corpus.size, np.float32)
    for rows, worth in _covered_in_part(lambda key: corpus.files_with(field, key)[0], words, mass, corpus.size):
        covered[rows] += worth
    return covered / np.float32(float(mass.sum()) or 1.0)


def _covered_in_part(
    rows_with: Callable[[int], NDArray[np.int64]], words: Sequence[Word], mass: NDArray[np.float32], size: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """For each word the rows that hold it or what may stand for it, and what the best of these counts in each.

    A row may be there twice, with the same count: `a[rows] += counts` adds it once.
    """
    best = np.zeros(size, np.float32)
    for word, worth in zip(words, mass.tolist(), strict=True):
        if not worth:
            continue
        related = [(rows_with(key), np.float32(worth * share)) for key, share in word.related]
        own = rows_with(word.key)
        for rows, counts in related:
            best[rows] = np.maximum(best[rows], counts)
        best[own] = worth
        rows = np.concatenate([own, *(rows for rows, _ in related)])
        yield rows, best[rows]
        best[rows] = 0


@dataclass(frozen=True)
class _Names:
    """The share of a question in the names of definitions: a file's together, and the best one around each chunk."""

    files: NDArray[np.float32]
    chunks: NDArray[np.float32]

    @classmethod
    def match(cls, words: Sequence[Word], mass: NDArray[np.float32], corpus: Corpus) -> "_Names":
        files = np.zeros(corpus.size, np.float32)
        names = np.zeros(corpus.num_definition_rows, np.float32)
        of_word = np.zeros(corpus.size, np.float32)
        for rows, worth in _covered_in_part(corpus.definitions_with, words, mass, corpus.num_definition_rows):
            of_rows = corpus.files_of_definitions(rows)
            np.maximum.at(of_word, of_rows, worth)
            files[of_rows] += of_word[of_rows]
            of_word[of_rows] = 0
            names[rows] += worth
        total = np.float32(mass.sum()) or np.float32(1)
        return cls(files / total, cls._around(names / total, corpus))

    @staticmethod
    def _around(names: NDArray[np.float32], corpus: Corpus) -> NDArray[np.float32]:
        chunks = np.zeros(len(corpus.chunk_file), np.float32)
        rows = np.flatnonzero(names != 0)  # of floats it takes five times as long
        firsts, stops = corpus.chunks_of_definitions(rows)
        # a class is around much that its name does not speak of
        lengths = np.clip(stops - firsts, 1, _MOST_CHUNKS_NAMED)
        for beyond in range(_MOST_CHUNKS_NAMED):
            covered = beyond < lengths
            np.maximum.at(chunks, firsts[covered] + beyond, names[rows[covered]])
        return chunks
