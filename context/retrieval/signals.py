"""What speaks against a repository having what a question asks for, as numbers that a judge can weigh.

All come from what the search has looked up already: where the words of the question stand, and where they stand
together. Knows nothing of how the numbers are weighed, or of the question's form: that tells of the asker alone.
"""

from collections.abc import Sequence

import numpy as np

from .corpus import Corpus
from .lexical import Lexical
from .question import WEAK, Word
from .stopwords import ACTION_WORDS

__all__ = ["carries", "word_signals"]


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
    scores = lexical.chunk_words[rows]
    by_file = np.minimum(np.maximum.reduceat(scores, corpus.first_chunks, axis=1), mass[:, None])
    first = np.minimum(scores[:, list(shown[0])], mass[:, None]) if shown else np.zeros((len(rows), 1))
    is_nowhere = ~lexical.chunk_present[rows].any(axis=1)
    rarest = np.argsort(-mass, kind="stable")[:2]
    return {
        "log_chunks": float(np.log(max(corpus.num_chunks, 1))),
        "nowhere_mass": float(mass[is_nowhere].sum()) / total,
        "file": float(by_file.sum(axis=0).max()) / total,
        "first_shown": float(first.max(axis=1).sum()) / total,
        "rarest_in_file": float(by_file[rarest].sum(axis=0).max()) / (float(mass[rarest].sum()) or 1.0),
    }
