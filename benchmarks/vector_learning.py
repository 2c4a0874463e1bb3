"""Learns a vector for each word that people say and for each term of code, such that texts lie near their code.

A text is the sum of its words' vectors, each times a weight that is learned too, scaled to length 1. Of a batch of
pairs of one repository each text is to find its code among those of the others, and each code its text: the symmetric
cross-entropy of in-batch negatives (InfoNCE: van den Oord and others, 2018; both ways and with a learned temperature:
CLIP, Radford and others, 2021). Negatives of one repository make it learn what is said, not which project says it.

torch is imported when something is learned, and runs in one thread: the same pairs and seed give the same vectors on
one machine. Knows nothing of files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from repoask.context.word_vectors import DIMENSIONS
from word_bags import Bags, Corpus, Vocabulary

__all__ = ["DIMENSIONS", "EPOCHS", "Learned", "learn"]

EPOCHS = 4
_RATE, _LEAST_RATE = 2e-3, 1e-5
_DROPOUT, _DROPOUT_OF_SYNONYMS = 0.5, 0.3
_SPREAD = 0.02  # of the first vectors
_SHARPNESS = 15.0  # the first one: 1 / temperature
_BATCH, _LEAST_BATCH = 768, 64
_SHARE_OF_SYNONYMS = 0.3  # batches of the thesaurus beside those of repositories


@dataclass(frozen=True, slots=True)
class Learned:
    """The vectors of the corpus's words, their weights multiplied in.

    Attributes:
        question_words, code_terms: By number. Shapes (words, DIMENSIONS), (terms, DIMENSIONS).
    """

    question_words: NDArray[np.float32]
    code_terms: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Table:
    """What is learned of one side: tensors of torch, which has no types here.

    Attributes:
        vectors: Shape (words, DIMENSIONS).
        log_weights: Shape (words,).
    """

    vectors: Any
    log_weights: Any

    def embed(self, bags: Bags, rows: NDArray[np.int64], *, dropout: float, random: np.random.Generator) -> Any:
        """The directions of some texts. Shape (rows, DIMENSIONS)."""
        import torch

        words, of = _drop(*bags.take(rows), dropout, random)
        starts = np.searchsorted(of, np.arange(len(rows)))
        numbers = torch.from_numpy(words)
        sums = torch.nn.functional.embedding_bag(
            numbers,
            self.vectors,
            torch.from_numpy(starts),
            mode="sum",
            per_sample_weights=self.log_weights[numbers].exp(),
        )
        return torch.nn.functional.normalize(sums, dim=1)

    def weighed(self) -> NDArray[np.float32]:
        """The vectors times their weights."""
        result: NDArray[np.float32] = (self.vectors * self.log_weights.exp()[:, None]).detach().numpy()
        return result


def learn(corpus: Corpus, *, seed: int, epochs: int = EPOCHS) -> Learned:
    """Learns the vectors. Takes a minute for 700,000 pairs.

    Raises:
        ValueError: There is no batch to learn from.
    """
    import torch

    if np.bincount(corpus.group).max(initial=0) < _LEAST_BATCH:
        raise ValueError(f"no repository has {_LEAST_BATCH} pairs of words that stand in several; name more, or larger")
    torch.set_num_threads(1)  # more sum in another order each time
    random = np.random.default_rng(seed)
    said, code = _first_tables(corpus, random)
    sharpness = torch.tensor(np.log(_SHARPNESS), dtype=torch.float32, requires_grad=True)
    learned = [said.vectors, said.log_weights, code.vectors, code.log_weights, sharpness]
    optimizer = torch.optim.Adam(learned, lr=_RATE)
    for epoch in range(epochs):
        batches = _batches(corpus, random)
        for step, (is_thesaurus, rows) in enumerate(batches):
            for group in optimizer.param_groups:
                group["lr"] = _RATE * (1 - (epoch + step / len(batches)) / epochs) + _LEAST_RATE
            texts, dropout = (corpus.said_synonyms, 0.0) if is_thesaurus else (corpus.said, _DROPOUT)
            questions = said.embed(texts, rows, dropout=dropout, random=random)
            texts, dropout = (corpus.code_synonyms, _DROPOUT_OF_SYNONYMS) if is_thesaurus else (corpus.code, _DROPOUT)
            answers = code.embed(texts, rows, dropout=dropout, random=random)
            likeness = questions @ answers.T * sharpness.exp()
            right = torch.arange(len(rows))
            loss = torch.nn.functional.cross_entropy(likeness, right)
            loss = loss + torch.nn.functional.cross_entropy(likeness.T, right)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return Learned(said.weighed(), code.weighed())


def _first_tables(corpus: Corpus, random: np.random.Generator) -> tuple[_Table, _Table]:
    """Vectors to start from: what is said and named alike is near itself, and rare words weigh more."""
    import torch

    sides = (corpus.question_words, corpus.code_terms)
    starts = [random.normal(0, _SPREAD, (len(words.numbers), DIMENSIONS)).astype(np.float32) for words in sides]
    both = [word for word in corpus.question_words.numbers if word in corpus.code_terms.numbers]
    starts[1][corpus.code_terms.known(both)] = starts[0][corpus.question_words.known(both)]
    said, code = (
        _Table(torch.from_numpy(start).requires_grad_(), torch.from_numpy(_log_weights(words)).requires_grad_())
        for words, start in zip(sides, starts, strict=True)
    )
    return said, code


def _log_weights(words: Vocabulary) -> NDArray[np.float32]:
    rarity = np.log1p(words.num_texts / words.counts)
    weights: NDArray[np.float32] = np.log(rarity / rarity.mean()).astype(np.float32)
    return weights


def _batches(corpus: Corpus, random: np.random.Generator) -> list[tuple[bool, NDArray[np.int64]]]:
    """The batches of an epoch in the order of learning: whether each is of the thesaurus, and its rows."""
    batches = [(False, rows) for rows in _batches_of_groups(corpus.group, random)]
    entries = len(corpus.said_synonyms)
    if entries:
        size = min(_BATCH, entries)
        more = range(int(len(batches) * _SHARE_OF_SYNONYMS))
        batches += [(True, random.choice(entries, size, replace=False)) for _ in more]
    return [batches[at] for at in random.permutation(len(batches))]


def _batches_of_groups(group: NDArray[np.int64], random: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    for number in np.unique(group):
        rows = random.permutation(np.flatnonzero(group == number))
        for start in range(0, len(rows), _BATCH):
            if len(rows) - start >= _LEAST_BATCH:  # among few, the right one is found by chance
                yield rows[start : start + _BATCH]


def _drop(
    words: NDArray[np.int64], of: NDArray[np.int64], dropout: float, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Leaves words out by chance; all of a text stay where none would."""
    if not dropout:
        return words, of
    kept = random.random(len(words)) >= dropout
    kept |= np.bincount(of, kept)[of] == 0
    return words[kept], of[kept]
