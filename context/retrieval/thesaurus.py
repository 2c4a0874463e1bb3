"""What people say and what code calls it: words and short phrases with the terms that may stand in their place.

`thesaurus.json` was written by hand, for code of any kind and any language: "load balancer" may be called `proxy`,
`forwarded`, `upstream`. It points one way, from speech to code, the most telling terms first. A phrase is found before
words that carry nothing are left out, the longest first, and its terms go to the words that it is made of. Knows
nothing of any repository.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import terms

__all__ = ["Entry", "Related", "entries_in"]

Related = tuple[tuple[int, float], ...]
"""Hashes of terms, with how much each counts beside the word that it stands for."""

_DATA = Path(__file__).with_name("thesaurus.json")

# Of the first term. Hit@5 on 260 line questions of our own: .515 without a thesaurus, .542 with .4 and .5, .562 with .6
# and .7; on the 88 development ones .670, .705 and .693.
_WEIGHT_OF_WORD = 0.5
_WEIGHT_OF_PHRASE = 0.6
_DECAY = 0.9  # each further term of an entry is a little less likely
_LONGEST = 3  # words of a phrase


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that stands in a question.

    Attributes:
        stems: Of its words, in order.
        start: Where it stands: the first of the question's words.
        names: What code may call it, the most telling first.
        related: The same as hashes, each with how much it counts.
    """

    stems: tuple[str, ...]
    start: int
    names: tuple[str, ...]
    related: Related


def entries_in(tokens: Sequence[str]) -> list[Entry]:
    """The entries in a question, given as its words in order, those that carry nothing included.

    Phrases share no word with each other; each word is looked up by itself as well.
    """
    stems = [terms.join([token.lower()]) for token in tokens]
    found: list[Entry] = []
    taken: set[int] = set()
    for length in range(_LONGEST, 0, -1):
        for start in range(len(stems) - length + 1):
            phrase, places = tuple(stems[start : start + length]), range(start, start + length)
            if phrase in _names() and (length == 1 or taken.isdisjoint(places)):
                taken.update(places)
                found.append(_entry(phrase, start))
    return found


@cache
def _entry(phrase: tuple[str, ...], start: int) -> Entry:
    weight = _WEIGHT_OF_WORD if len(phrase) == 1 else _WEIGHT_OF_PHRASE
    names: dict[int, str] = {}
    for name in _names()[phrase].split():
        names.setdefault(terms.term_hash(terms.join([name])), name)
    related = tuple((key, weight * _DECAY**rank) for rank, key in enumerate(names))
    return Entry(phrase, start, tuple(names.values()), related)


@cache
def _names() -> dict[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {}
    for said, written in json.loads(_DATA.read_text(encoding="utf-8")).items():
        phrase = tuple(terms.join([word]) for word in said.split())
        names[phrase] = f"{names[phrase]} {written}" if phrase in names else written
    return names
