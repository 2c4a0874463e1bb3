"""Says whether names, words and phrases stand in a repository, and whether the product itself has them.

What only a changelog or the like names does not stand: these name much that is not there. Knows nothing of questions
beyond the names that one gives.
"""

import re
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from .. import terms
from .corpus import Corpus
from .question import Name

__all__ = ["is_told_in", "name_stands", "phrase_stands", "stands_in_product", "word_stands"]

_TOO_MANY_TO_READ = 100  # chunks that hold a thing's words: then it is taken to be there
_LOCK = re.compile(r"(^|[-.])lock(\.|$)|\.sum$", re.IGNORECASE)


def name_stands(name: Name, corpus: Corpus) -> bool:
    """Whether a name that a question gives is of something here; that of an owner must be as well."""
    if " " in name.text:
        return True
    whole = (
        len(corpus.chunks_with(name.key)[0]) > 0
        or _key_stands(name.key, corpus)
        or len(corpus.definitions_named(name.key)) > 0
        or ("-" in name.text and phrase_stands(tuple(terms.tokenize(name.text)), corpus))
    )
    return whole and all(_is_anywhere(owner, corpus) for owner in name.owners)


def word_stands(word: str, corpus: Corpus) -> bool:
    """Whether a word stands here, as one or as the parts that it is made of."""
    whole, *parts = terms.terms_of(word)
    return _key_stands(terms.term_hash(whole), corpus) or (len(parts) > 1 and phrase_stands(tuple(parts), corpus))


def phrase_stands(phrase: tuple[str, ...], corpus: Corpus) -> bool:
    """Whether the terms of a phrase stand here in a row, or as one identifier."""
    if phrase and _key_stands(terms.term_hash(terms.join(phrase)), corpus):
        return True
    if len(phrase) < 2:
        return not phrase  # what has no term, as "a-b", cannot be looked for
    together = _together(phrase, corpus)
    if len(together) > _TOO_MANY_TO_READ:
        return True
    files: dict[int, list[int]] = {}
    for row in together.tolist():
        files.setdefault(int(corpus.chunk_file[row]), []).append(row)
    told = (rows for file, rows in files.items() if not corpus.roles(file).history)
    keys = [terms.term_hash(term) for term in phrase]
    return any(_stand_in_chunk(keys, corpus, row) for rows in told for row in rows)


def stands_in_product(phrases: Iterable[tuple[str, ...]], corpus: Corpus) -> bool:
    """Whether a chunk of the product itself has all the terms of one of these phrases: no document, test or tool."""
    for phrase in phrases:
        whole = corpus.chunks_with(terms.term_hash(terms.join(phrase)))[0]
        for rows in (whole, _together(phrase, corpus)) if len(phrase) > 1 else (whole,):
            if any(_is_product(file, corpus) for file in dict.fromkeys(corpus.chunk_file[rows].tolist())):
                return True
    return False


def is_told_in(chunks: Collection[int], phrases: Iterable[tuple[str, ...]], corpus: Corpus, *, defined: bool) -> bool:
    """Whether these chunks hold the terms of a phrase; if `defined`, of one that something here is named by."""
    return any(
        not _rows_of(phrase, corpus).isdisjoint(chunks) and (not defined or _names_definition(phrase, corpus))
        for phrase in phrases
    )


def _names_definition(phrase: tuple[str, ...], corpus: Corpus) -> bool:
    named = [set(corpus.definitions_with(terms.term_hash(term)).tolist()) for term in phrase]
    return bool(set.intersection(*named)) or len(corpus.definitions_named(terms.term_hash(terms.join(phrase)))) > 0


def _rows_of(phrase: tuple[str, ...], corpus: Corpus) -> set[int]:
    whole = corpus.chunks_with(terms.term_hash(terms.join(phrase)))[0]
    return {*whole.tolist(), *_together(phrase, corpus).tolist()}


def _is_product(file: int, corpus: Corpus) -> bool:
    roles = corpus.roles(file)
    if roles.document or roles.history or roles.test or roles.tooling or roles.vendored:
        return False
    return not (roles.data and _LOCK.search(corpus.path(file).rpartition("/")[2]))


def _together(phrase: tuple[str, ...], corpus: Corpus) -> NDArray[np.int64]:
    """The chunks that hold all of these terms."""
    together, *others = sorted((corpus.chunks_with(terms.term_hash(term))[0] for term in phrase), key=len)
    for rows in others:
        if not len(rows):
            return rows
        together = together[rows[np.searchsorted(rows, together).clip(max=len(rows) - 1)] == together]
    return together


def _is_anywhere(key: int, corpus: Corpus) -> bool:
    return len(corpus.chunks_with(key)[0]) > 0 or len(corpus.files_with("path", key)[0]) > 0


def _key_stands(key: int, corpus: Corpus) -> bool:
    return len(corpus.files_with("path", key)[0]) > 0 or _is_told(corpus.chunks_with(key)[0].tolist(), corpus)


def _is_told(chunks: Collection[int], corpus: Corpus) -> bool:
    """Whether one of these chunks is of more than a changelog or the like."""
    if len(chunks) > _TOO_MANY_TO_READ:
        return True
    return any(not corpus.roles(int(file)).history for file in set(corpus.chunk_file[list(chunks)].tolist()))


def _stand_in_chunk(keys: list[int], corpus: Corpus, row: int) -> bool:
    """Whether terms stand in a row in a chunk that holds them all."""
    segment, local = corpus.chunk(row)
    found = terms.hashes_in_order(segment.texts[local])
    return tuple(keys) in zip(*(found[at:] for at in range(len(keys))), strict=False)
