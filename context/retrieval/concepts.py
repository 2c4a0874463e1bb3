"""Words and phrases that stand for one thing in programming: what a person asks for, and what code calls it.

The groups are those of `concepts.json`, one a line. A word of the question is also looked for by the other words of its
`related` group, at a lower weight; one of the `concepts` of which no name stands anywhere in a repository is a thing
that the repository does not have, so such a group has as many names as people use. Knows nothing of any repository.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import terms

__all__ = ["Concept", "concepts_in", "related_terms"]

_DATA = Path(__file__).with_name("concepts.json")

_RELATED_WEIGHT = 0.4
"""How much a related word counts beside the word itself."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing under its names.

    Attributes:
        asked: The name that stands in the question.
        names: Every name, each as the terms of its words in order.
    """

    asked: str
    names: tuple[tuple[str, ...], ...]


@cache
def related_terms(term: str) -> tuple[tuple[int, float], ...]:
    """The hashes of the terms that may stand for a term, with how much each counts beside it."""
    return tuple((terms.term_hash(other), _RELATED_WEIGHT) for other in sorted(_related().get(term, ())))


def concepts_in(question_terms: list[str]) -> list[Concept]:
    """The concepts of which a name stands in the question, given as its terms in order."""
    found: dict[tuple[tuple[str, ...], ...], Concept] = {}
    for start, term in enumerate(question_terms):
        for phrase, concept in _by_first_term().get(term, ()):
            if tuple(question_terms[start : start + len(phrase)]) == phrase:
                found.setdefault(concept.names, concept)
    return list(found.values())


@cache
def _groups() -> dict[str, list[list[str]]]:
    read = json.loads(_DATA.read_text(encoding="utf-8"))
    return {kind: [line.split(", ") for line in lines] for kind, lines in read.items()}


@cache
def _related() -> dict[str, set[str]]:
    related: dict[str, set[str]] = {}
    for group in _groups()["related"]:
        group_terms = {terms.join([name]) for name in group}
        for term in group_terms:
            related.setdefault(term, set()).update(group_terms - {term})
    return related


@cache
def _by_first_term() -> dict[str, list[tuple[tuple[str, ...], Concept]]]:
    index: dict[str, list[tuple[tuple[str, ...], Concept]]] = {}
    for group in _groups()["concepts"]:
        names = tuple(tuple(terms.join([word]) for word in name.split()) for name in group)
        for name, phrase in zip(group, names, strict=True):
            index.setdefault(phrase[0], []).append((phrase, Concept(name, names)))
    return index
