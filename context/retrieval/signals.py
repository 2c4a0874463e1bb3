"""What speaks against a repository having what a question asks for, as numbers that a judge can weigh.

All come from what the search has looked up already: where the words of the question stand, and where they stand
together. Knows nothing of how the numbers are weighed, or of the question's form: that tells of the asker alone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus
from .lexical import Lexical
from .question import WEAK, Word
from .stopwords import ACTION_WORDS

__all__ = ["carries", "word_signals"]

_RARE = 3  # chunks
_COUNTS = 0.3  # the share of a word's mass from which a chunk that only has a related word counts as having it


def carries(word: Word) -> bool:
    """Whether a word says what a question is about."""
    return not word.optional and word.weight > WEAK and word.text.lower() not in ACTION_WORDS


def word_signals(lexical: Lexical, shown: Sequence[range], corpus: Corpus) -> dict[str, float]:
    """Each signal by its name; shares are of the mass of the words that carry the question."""
    rows = [row for row, word in enumerate(lexical.words) if carries(word) and word.weight == 1]
    mass = lexical.mass[rows]
    total = float(mass.sum())
    if not total or not len(corpus.chunk_file):
        return {}
    present = lexical.chunk_present[rows]
    covered = np.minimum(lexical.chunk_words[rows], mass[:, None])
    frequency = np.count_nonzero(present, axis=1)
    by_file = np.maximum.reduceat(covered, np.flatnonzero(np.diff(corpus.chunk_file, prepend=-1)), axis=1)
    rarest = np.argsort(-mass, kind="stable")[:2]
    return {
        "log_chunks": float(np.log(max(corpus.num_chunks, 1))),
        "nowhere_mass": float(mass[frequency == 0].sum()) / total,
        "nowhere_count": float(np.count_nonzero(frequency == 0)),
        "rare_share": float((frequency <= _RARE).mean()),
        "file": float(by_file.sum(axis=0).max()) / total,
        "first_shown": float(covered[:, list(shown[0])].max(axis=1).sum()) / total if shown else 0.0,
        "rarest_in_file": float(by_file[rarest].sum(axis=0).max()) / (float(mass[rarest].sum()) or 1.0),
        "pairs_apart": _pairs_apart(covered > _COUNTS * mass[:, None], corpus),
        "lift": _best_lift(present, corpus.num_chunks),
    }


def _pairs_apart(stands: NDArray[np.bool_], corpus: Corpus) -> float:
    """The share of the question's neighbours that never stand within two neighbouring chunks of one another."""
    same_file = corpus.chunk_file[1:] == corpus.chunk_file[:-1]
    near = stands.copy()
    near[:, 1:] |= stands[:, :-1] & same_file
    near[:, :-1] |= stands[:, 1:] & same_file
    apart = [not (near[at] & near[at + 1]).any() for at in range(len(near) - 1)]
    return sum(apart) / len(apart) if apart else 0.0


def _best_lift(present: NDArray[np.bool_], num_chunks: int) -> float:
    """How much more often than by chance two neighbours of the question share a chunk, as a logarithm; the best."""
    frequency = np.count_nonzero(present, axis=1)
    together = np.count_nonzero(present[1:] & present[:-1], axis=1)
    expected = frequency[1:] * frequency[:-1] / max(num_chunks, 1)
    return float(np.log((together + 0.2) / (expected + 0.2)).max()) if len(together) else 0.0
