"""Turns text into the terms that are matched: identifiers whole and split, stemmed, in lower case, as 64-bit hashes.

`getUserNames`, `get_user_names` and "user names" meet here: an identifier gives its parts and the whole without
underscores, each stemmed. Knows nothing of chunks, fields or ranking; questions and code go through the same door.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import Stemmer
from numpy.typing import NDArray

__all__ = [
    "TERMS_VERSION",
    "count",
    "hash_counts",
    "hashes_in_order",
    "identifier_key",
    "join",
    "split_identifier",
    "term_hash",
    "terms_of",
    "tokenize",
]

TERMS_VERSION = 1
"""Part of whatever stores term hashes: raise it when the same text gives other terms."""

_TOKEN = re.compile(r"\w+")
_PART = re.compile(
    r"[A-Z]{2,}s(?![a-z])"  # IDs, URLs
    r"|[A-Z]+(?=[A-Z][a-z])"  # HTTP of HTTPServer
    r"|[A-Z]?[a-z]+|[A-Z]+|[0-9]+"
)
_UNICODE_PART = re.compile(r"[^\W\d_]+|\d+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]{2,}")

_MAX_SPLIT_LENGTH = 100  # a longer run is data, not a name: it stays whole
_MAX_TERM_LENGTH = 40  # the rest of a longer term tells nothing and costs a stemming
_CACHE_LIMIT = 50_000  # distinct raw tokens, about 15 MB: as many as a process meets in 20 MB of source

# its own cache is off: the one below holds the finished hashes
_stem: Callable[[str], str] = Stemmer.Stemmer("english", 0).stemWord


def tokenize(text: str) -> list[str]:
    """The terms of a text in order, identifiers followed by their parts."""
    return [term for token in _TOKEN.findall(text) for term in terms_of(token)]


def hashes_in_order(text: str) -> list[int]:
    """The hashes of what `tokenize` gives, in its order: each distinct token is taken apart once a process."""
    return [key for token in _TOKEN.findall(text) for key in _hashes(token)]


def count(text: str) -> tuple[NDArray[np.uint64], NDArray[np.uint16]]:
    """The distinct term hashes of a text, ascending, and how often each stands there (at most 65,535)."""
    totals = hash_counts(text)
    terms = np.fromiter(totals.keys(), np.uint64, len(totals))
    counts = np.fromiter(totals.values(), np.int64, len(totals))
    order = np.argsort(terms)
    return terms[order], np.minimum(counts[order], np.iinfo(np.uint16).max).astype(np.uint16)


def hash_counts(text: str) -> dict[int, int]:
    """What `count` gives, as a dictionary: quicker for a name or a path."""
    totals: dict[int, int] = {}
    # most names are one token, and there are 60,000 in a source of 40 MB
    tokens = {text: 1} if text.isascii() and text.isidentifier() else Counter(_TOKEN.findall(text))
    for token, times in tokens.items():
        for key in _hashes(token):
            totals[key] = totals.get(key, 0) + times
    return totals


def term_hash(term: str) -> int:
    """The 64-bit hash under which a term of `tokenize` is stored; the same on every machine."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@lru_cache(maxsize=_CACHE_LIMIT)
def identifier_key(name: str) -> int:
    """The hash under which a name is looked up whole: case, underscores and plural do not matter."""
    return term_hash(join(split_identifier(name)))


def join(parts: Iterable[str]) -> str:
    """The term of an identifier made of these parts."""
    return _stem("".join(parts)[:_MAX_TERM_LENGTH])


def split_identifier(token: str) -> list[str]:
    """The words of an identifier in lower case, unstemmed: `getHTTPServer_2` gives get, http, server, 2."""
    if token.isascii():
        return [part.lower() for part in _PART.findall(token)]
    folded = unicodedata.normalize("NFKC", token)
    return [part.casefold() for part in _UNICODE_PART.findall(folded)]


def terms_of(token: str) -> list[str]:
    """The terms of one token: the whole, then its parts where there are several. Single ASCII letters are none."""
    if len(token) > _MAX_SPLIT_LENGTH:
        return [token[:_MAX_TERM_LENGTH].lower()]
    parts = split_identifier(token)
    terms = [_stem(part[:_MAX_TERM_LENGTH]) for part in parts]
    if len(parts) > 1:
        terms.insert(0, join(parts))
    if not token.isascii():
        terms += [pair for part in parts for pair in _cjk_pairs(part)]
    return [term for term in terms if len(term) > 1 or not term.isascii() or term.isdigit()]


def _cjk_pairs(word: str) -> list[str]:
    # these scripts put no space between words: overlapping pairs are what a shorter query can meet
    return [run[at : at + 2] for run in _CJK.findall(word) if len(run) > 2 for at in range(len(run) - 1)]


@lru_cache(maxsize=_CACHE_LIMIT)
def _hashes(token: str) -> tuple[int, ...]:
    return tuple(term_hash(term) for term in terms_of(token))
