"""What speaks against a repository having what a question asks for, as numbers that a judge can weigh.

Few, since there are few questions to learn from: more of them, or the same ones apart, told no more on languages held
out. All come from what was looked up already. Knows nothing of how the numbers are weighed, or of the question's form:
that tells of the asker alone.
"""

from collections.abc import Sequence

import numpy as np

from .corpus import Corpus
from .lexical import Lexical
from .mentions import Mentions
from .question import WEAK, Word
from .stopwords import ACTION_WORDS

__all__ = ["carries", "signals_against"]

_LARGE = 8_000  # chunks; weights are learned from repositories of up to 15,000, and must not run away beyond
_ASIDE = 0.5  # what is told beside the subject may be the asker's own setting


def carries(word: Word) -> bool:
    """Whether a word says what a question is about."""
    return not word.optional and word.weight > WEAK and word.text.lower() not in ACTION_WORDS


def signals_against(said: Mentions, lexical: Lexical, shown: Sequence[range], corpus: Corpus) -> dict[str, float]:
    """Each signal by its name.

    `lacking` counts what is named and not here; `elsewhere` what is here by another name, or only beside the product;
    `first_shown` is the share of the words that carry the question, by their mass, in what is shown first; and a large
    repository, by its `log_chunks`, has something of everything.
    """
    rows = [row for row, word in enumerate(lexical.words) if carries(word) and word.weight == 1]
    mass = lexical.mass[rows]
    first = lexical.chunk_words[np.ix_(rows, list(shown[0]))] if shown else np.zeros((len(rows), 1))
    covered = np.minimum(first.max(axis=1, initial=0.0), mass)
    return {
        "lacking": len(said.no_names) + len(said.no_nouns) + len(said.unheard) + _ASIDE * len(said.aside),
        "elsewhere": float(len(said.unsaid) + said.unmade),
        "first_shown": float(covered.sum() / mass.sum()) if mass.any() else 1.0,
        "log_chunks": float(np.log(np.clip(corpus.num_chunks, 1, _LARGE))),
    }
