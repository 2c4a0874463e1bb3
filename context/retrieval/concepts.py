"""Things that software has or lacks, each under all its names.

The groups are those of `concepts.json`, one a line. One of which no name stands anywhere in a repository is a thing
that the repository does not have, so a group has as many names as people use; behind a bar stand those that code may
have in its place, by which nobody asks for it. Knows nothing of any repository.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import terms

__all__ = ["Concept", "concepts_in"]

_DATA = Path(__file__).with_name("concepts.json")


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing under its names.

    Attributes:
        asked: The name that stands in the question.
        names: Every name, and what may stand in its place, each as the terms of its words in order.
    """

    asked: str
    names: tuple[tuple[str, ...], ...]


def concepts_in(question_terms: list[str]) -> list[Concept]:
    """The concepts of which a name stands in the question, given as its terms in order."""
    found: dict[tuple[tuple[str, ...], ...], Concept] = {}
    for start, term in enumerate(question_terms):
        for phrase, concept in _by_first_term().get(term, ()):
            if tuple(question_terms[start : start + len(phrase)]) == phrase:
                found.setdefault(concept.names, concept)
    return list(found.values())


@cache
def _groups() -> list[tuple[list[str], list[str]]]:
    """Of each thing the names by which it is asked for, and what else may stand in its place."""
    lines = (line.partition(" | ") for line in json.loads(_DATA.read_text(encoding="utf-8"))["concepts"])
    return [(asked.split(", "), others.split(", ") if others else []) for asked, _, others in lines]


@cache
def _by_first_term() -> dict[str, list[tuple[tuple[str, ...], Concept]]]:
    index: dict[str, list[tuple[tuple[str, ...], Concept]]] = {}
    for asked, others in _groups():
        names = tuple(tuple(terms.join([word]) for word in name.split()) for name in (*asked, *others))
        for name, phrase in zip(asked, names, strict=False):
            index.setdefault(phrase[0], []).append((phrase, Concept(name, names)))
    return index
