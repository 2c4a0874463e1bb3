"""Says in words why a span ranked. Knows nothing of scores beyond what they were made from."""

from functools import lru_cache

import numpy as np

from .. import terms
from .corpus import Corpus
from .lexical import Lexical
from .spans import Span
from .synonyms import Synonyms

__all__ = ["explain"]

_MOST_WORDS_SHOWN = 4
_MOST_SYNONYMS_SHOWN = 2
_NEAR = 0.35  # by the vectors of words: a quarter of what is shown first, one in a hundred of all chunks


def explain(span: Span, lexical: Lexical, synonyms: Synonyms, corpus: Corpus) -> tuple[str, ...]:
    """The reasons, strongest first; never empty."""
    reasons = [
        *([span.given] if span.given else []),
        *([span.why] if span.why else []),
        *_by_definition(span),
        *_by_path(span, lexical, corpus),
        *_by_words(span, lexical),
        *_by_synonyms(span, synonyms),
        *_by_meaning(span, lexical),
    ]
    return tuple(reasons) or (f"near what was asked in {corpus.path(span.file).rpartition('/')[2]}",)


def _by_definition(span: Span) -> list[str]:
    definition = span.definition
    if definition is None:
        return []
    if definition.named or definition.precision == 1:
        return [f"defines `{definition.qualified_name}`"]
    return [f"`{definition.qualified_name}` is named like the question"]


def _by_path(span: Span, lexical: Lexical, corpus: Corpus) -> list[str]:
    if not lexical.path[span.file]:
        return []
    in_path = _terms_of(corpus.path(span.file))
    named = list(dict.fromkeys(word.text for word in lexical.words if word.key in in_path and not word.optional))
    return ["path names " + ", ".join(f"`{word}`" for word in named[:_MOST_WORDS_SHOWN])] if named else []


@lru_cache(maxsize=2_000)  # the same files answer like questions
def _terms_of(path: str) -> frozenset[int]:
    return frozenset(terms.hash_counts(path))


def _by_words(span: Span, lexical: Lexical) -> list[str]:
    asked = dict.fromkeys(word.text for word in lexical.words if not word.optional)
    present = np.flatnonzero(lexical.chunk_present[:, span.chunks.start : span.chunks.stop].any(axis=1)).tolist()
    here = {word.text for row in present if not (word := lexical.words[row]).optional}
    if not here:
        return []
    shown = [word for word in asked if word in here][:_MOST_WORDS_SHOWN]
    more = ", …" if len(here) > len(shown) else ""
    return [f"{len(here)} of {len(asked)} question words here: {', '.join(shown)}{more}"]


def _by_synonyms(span: Span, synonyms: Synonyms) -> list[str]:
    met = synonyms.met_in(span.chunks, most=_MOST_SYNONYMS_SHOWN)
    return ["; ".join(f"`{said}` may be called `{name}`" for said, name in met)] if met else []


def _by_meaning(span: Span, lexical: Lexical) -> list[str]:
    near = float(lexical.meaning[span.chunks.start : span.chunks.stop].max())
    return ["its words often go with the question's"] if near >= _NEAR else []
