"""Scores chunks, files, paths and names by the words of a question: BM25 over what is live.

The inverse document frequency of a word is that of chunks everywhere, so that the share of the question that a path or
a name covers is measured in one unit. Knows nothing of how scores are weighed against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..word_vectors import question_vector
from .corpus import Corpus
from .joining import Found
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
    terms = _Terms.of(words, mass)
    found = corpus.find("text", terms.keys)
    chunk_words, chunk_present = _in_chunks(found, terms, corpus)
    path, path_related = _in_field("path", terms, corpus)
    stem, stem_related = _in_field("stem", terms, corpus)
    by_name = _Names.match(terms, corpus)
    return Lexical(
        words=words,
        mass=mass,
        chunk_words=chunk_words,
        chunk_present=chunk_present,
        chunk=chunk_words.sum(axis=0),
        file=_in_files(found, terms, corpus),
        path=path,
        stem=stem,
        path_related=path_related,
        stem_related=stem_related,
        definitions_related=by_name.files,
        symbol=by_name.chunks,
        meaning=corpus.meanings(question_vector(question.text)),
    )


def _weigh(words: tuple[Word, ...], corpus: Corpus) -> tuple[tuple[Word, ...], NDArray[np.float32]]:
    """The words that count most, in the order of the question, and their mass."""
    keys = np.array([word.key for word in words], np.uint64)
    frequency = corpus.num_chunks_with(keys)
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


@dataclass(frozen=True)
class _Terms:
    """The terms to look for at once: each word, and behind it what may stand for it.

    Attributes:
        mass: Of each word. Shape (words,).
        keys: The hash of each term. Shape (terms,).
        word: The row of the word that each term stands for.
        share: How much each counts beside its word; 1 for the word itself.
        weight: Of the word of each.
        is_word: Whether each is the word itself.
    """

    mass: NDArray[np.float32]
    keys: NDArray[np.uint64]
    word: NDArray[np.int64]
    share: NDArray[np.float64]
    weight: NDArray[np.float32]
    is_word: NDArray[np.bool_]

    @classmethod
    def of(cls, words: Sequence[Word], mass: NDArray[np.float32]) -> "_Terms":
        terms = [term for word in words for term in ((word.key, 1.0), *word.related)]
        sizes = np.array([1 + len(word.related) for word in words], np.int64)
        of_word = np.repeat(np.arange(len(words)), sizes)
        return cls(
            mass,
            keys=np.array([key for key, _ in terms], np.uint64),
            word=of_word,
            share=np.array([share for _, share in terms], np.float64),
            weight=np.array([word.weight for word in words], np.float32)[of_word],
            is_word=np.diff(of_word, prepend=-1) != 0,
        )

    @cached_property
    def worth(self) -> NDArray[np.float32]:
        """What each counts where a word counts its mass."""
        worth: NDArray[np.float32] = (self.mass[self.word].astype(np.float64) * self.share).astype(np.float32)
        return worth


def _in_chunks(found: Found, terms: _Terms, corpus: Corpus) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """BM25 of each word in each chunk, where of what may stand for it the best counts; and where it stands itself."""
    shape = len(terms.mass), len(corpus.chunk_file)
    scores, present = np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
    idf = _idf(np.bincount(found.of, minlength=len(terms.keys)), corpus.num_chunks)
    worth = idf * terms.weight * terms.share.astype(np.float32)
    saturated = found.counts * (_K1 + 1) / (found.counts + _damping(corpus)[0][found.rows])
    at = terms.word[found.of] * shape[1] + found.rows
    np.maximum.at(scores.reshape(-1), at, worth[found.of] * saturated)
    present.reshape(-1)[at[terms.is_word[found.of]]] = True
    return scores, present


def _in_files(found: Found, terms: _Terms, corpus: Corpus) -> NDArray[np.float32]:
    """BM25 of each file as a whole, by the words themselves."""
    own = terms.is_word[found.of]
    at = terms.word[found.of[own]] * corpus.size + corpus.chunk_file[found.rows[own]]
    in_file = np.bincount(at, found.counts[own])
    holding = np.flatnonzero(in_file)
    times = in_file[holding].astype(np.float32)
    of_word = holding // max(corpus.size, 1)
    files = holding - of_word * corpus.size
    scores = np.zeros(corpus.size, np.float32)
    # word by word, as `holding` is
    np.add.at(scores, files, terms.mass[of_word] * times * np.float32(_K1 + 1) / (times + _damping(corpus)[1][files]))
    return scores


@lru_cache(maxsize=2)
def _damping(corpus: Corpus) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the length of each chunk, and of each file as a whole, takes off how often a word stands there."""
    chunks = _K1 * (1 - _B_CHUNK + _B_CHUNK * corpus.chunk_length / corpus.mean_chunk_length)
    files = _K1 * (1 - _B_FILE + _B_FILE * corpus.file_length / corpus.mean_file_length)
    return chunks.astype(np.float32, copy=False), files.astype(np.float32, copy=False)


def _in_field(field: str, terms: _Terms, corpus: Corpus) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The share of the question in a field of each file: by its very words, and with what may stand for them."""
    found = corpus.find(field, terms.keys)
    own = terms.is_word[found.of]
    covered = np.zeros(corpus.size, np.float32)
    np.add.at(covered, found.rows[own], terms.worth[found.of[own]])
    total = np.float32(terms.mass.sum()) or np.float32(1)
    return covered / total, _sum_of_best(found.rows, found.of, terms, corpus) / total


def _sum_of_best(files: NDArray[np.int64], of: NDArray[np.int64], terms: _Terms, corpus: Corpus) -> NDArray[np.float32]:
    """What the best term of each word counts in each file row, over all words; the terms of some files are given."""
    best = np.zeros((len(terms.mass), corpus.size), np.float32)
    np.maximum.at(best.reshape(-1), terms.word[of] * corpus.size + files, terms.worth[of])
    covered = np.zeros(corpus.size, np.float32)
    for of_word in best:  # one after the other: `sum` may add in another order
        covered += of_word
    return covered


@dataclass(frozen=True)
class _Names:
    """The share of a question in the names of definitions: a file's together, and the best one around each chunk."""

    files: NDArray[np.float32]
    chunks: NDArray[np.float32]

    @classmethod
    def match(cls, terms: _Terms, corpus: Corpus) -> "_Names":
        found = corpus.find("name", terms.keys)
        total = np.float32(terms.mass.sum()) or np.float32(1)
        files = _sum_of_best(corpus.files_of_definitions(found.rows), found.of, terms, corpus)
        return cls(files / total, cls._around(cls._covered(found, terms, corpus), total, corpus))

    @staticmethod
    def _covered(found: Found, terms: _Terms, corpus: Corpus) -> NDArray[np.float32]:
        """What the best term of each word counts in each definition's name, over all words."""
        names, best = np.zeros((2, corpus.num_definition_rows), np.float32)
        worth = terms.worth[found.of]
        bounds = np.searchsorted(terms.word[found.of], np.arange(len(terms.mass) + 1)).tolist()
        for start, stop in pairwise(bounds):
            rows = found.rows[start:stop]
            np.maximum.at(best, rows, worth[start:stop])
            names[rows] += best[rows]  # a row that is there twice has the same sum twice
            best[rows] = 0
        return names

    @staticmethod
    def _around(names: NDArray[np.float32], total: np.float32, corpus: Corpus) -> NDArray[np.float32]:
        chunks = np.zeros(len(corpus.chunk_file), np.float32)
        rows = np.flatnonzero(names != 0)  # of floats it takes five times as long
        shares = names[rows] / total
        firsts, stops = corpus.chunks_of_definitions(rows)
        # a class is around much that its name does not speak of
        lengths = np.clip(stops - firsts, 1, _MOST_CHUNKS_NAMED)
        np.maximum.at(chunks, firsts, shares)
        for beyond in range(1, _MOST_CHUNKS_NAMED):
            longer = np.flatnonzero(lengths > beyond)
            np.maximum.at(chunks, firsts[longer] + beyond, shares[longer])
        return chunks
