"""What people say and what code calls it: words and short phrases with the terms that may stand in their place.

`thesaurus.txt` was written for code of any kind and any language, by language models that saw no question: "load
balancer" may be called `proxy`, `forwarded`, `upstream`. It points one way, from speech to code, the most telling terms
first. A phrase is found before words that carry nothing are left out, the longest first, and its terms go to the words
that it is made of. Knows nothing of any repository.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from .. import terms
from ..sorted_lines import SortedLines

__all__ = ["Entry", "Related", "entries_in"]

Related = tuple[tuple[int, float], ...]
"""Hashes of terms, with how much each counts beside the word that it stands for."""

_LINES = SortedLines(Path(__file__).with_name("thesaurus.txt"))

# Of the first term. Hit@5 on 260 line questions of our own: .515 without a thesaurus, .542 with .4 and .5, .562 with .6
# and .7; on the 88 development ones .670, .705 and .693.
_WEIGHT_OF_WORD = 0.5
_WEIGHT_OF_PHRASE = 0.6
_DECAY = 0.9  # each further term of an entry is a little less likely
_LONGEST = 3  # words of a phrase
_MOST_READ = 1_000  # words of a question: 9,000 different ones took 1.5 s
_OF_STEM = {"i": "y", "e": "i", "l": "i"}
"""How a word may end whose stem ends so: "happi" of "happy", "close" of "closing", "capabl" of "capability"."""

_UNSAID = frozenset(
    {"a", "an", "the", "its", "their", "our", "your", "his", "her", "this", "that", "these", "those", "some", "any"}
)
"""What may stand between the words of a phrase: "cancel the job" is "cancel job"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that stands in a question.

    Attributes:
        stems: Of its words, in order.
        start: Where it stands: the first of the question's words.
        stop: The one after its last.
        as_one: The hash of the identifier that its words would make.
        names: What code may call it, the most telling first.
        related: The same as hashes, each with how much it counts.
    """

    stems: tuple[str, ...]
    start: int
    stop: int
    as_one: int
    names: tuple[str, ...]
    related: Related


def entries_in(tokens: Sequence[str]) -> list[Entry]:
    """The entries in a question, given as its words in order, those that carry nothing included.

    Phrases share no word with each other; each word is looked up by itself as well.
    """
    said = [at for at, token in enumerate(tokens[:_MOST_READ]) if token.lower() not in _UNSAID]
    stems = [terms.join([tokens[at].lower()]) for at in said]
    found: list[Entry] = []
    taken: set[int] = set()
    for length in range(_LONGEST, 0, -1):
        for first in range(len(stems) - length + 1):
            phrase, places = tuple(stems[first : first + length]), range(first, first + length)
            if (length == 1 or taken.isdisjoint(places)) and (names := _names(phrase)):
                taken.update(places)
                words = said[first : first + length]
                as_one = terms.identifier_key("".join(tokens[at] for at in words))
                found.append(Entry(phrase, words[0], words[-1] + 1, as_one, names, _related(names, length)))
    return found


def _related(names: tuple[str, ...], num_words: int) -> Related:
    weight = _WEIGHT_OF_WORD if num_words == 1 else _WEIGHT_OF_PHRASE
    return tuple((_key(name), weight * _DECAY**rank) for rank, name in enumerate(names))


@lru_cache(maxsize=10_000)
def _key(name: str) -> int:
    return terms.term_hash(terms.join([name]))


@lru_cache(maxsize=10_000)
def _names(phrase: tuple[str, ...]) -> tuple[str, ...]:
    """What code may call a phrase, given as stems; nothing where there is no such entry."""
    if not all(phrase):
        return ()
    names: dict[int, str] = {}
    for words, written in _beginning_with(phrase[0]).get(_initials(phrase), ()):
        if all(terms.join([word]) == stem for word, stem in zip(words, phrase, strict=True)):
            for name in written.split():
                names.setdefault(_key(name), name)
    return tuple(names.values())


_Lines = dict[str, list[tuple[list[str], str]]]


@lru_cache(maxsize=1_000)
def _beginning_with(stem: str) -> _Lines:
    """The entries whose first word may have a stem, by the initials of their words: few are left to be stemmed."""
    lines: _Lines = {}
    others = {stem[:-1] + _OF_STEM[stem[-1]]} if len(stem) > 1 and stem[-1] in _OF_STEM else set()
    for line in chain.from_iterable(map(_LINES.beginning_with, (stem, *others))):
        said, _, written = line.partition(": ")
        words = said.split(" ")
        lines.setdefault(_initials(words), []).append((words, written))
    return lines


def _initials(words: Sequence[str]) -> str:
    return " ".join(word[0] for word in words)
