"""Reads what a question speaks of, and tells which of it a repository has.

Only what names one thing is read: names written as code, flags, acronyms and proper nouns, and known concepts of
programming. Knows nothing of rankings, or of what is made of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .. import terms
from .concepts import Concept, concepts_in
from .corpus import Corpus
from .presence import is_told_in, name_stands, phrase_stands, stands_in_product, word_stands
from .question import Question
from .stopwords import STOP_WORDS

__all__ = ["Mentions", "read_mentions"]

_CONDITION = re.compile(
    r"\s(?:when|whenever|while|if|unless|because|since|so that|after|before|until|such as|for example|e\.g\."
    r"|like(?!\s+to\b)|including)\s",
    re.IGNORECASE,
)
_MEANS = re.compile(r"\s(?:through|behind|instead of|rather than)\s", re.IGNORECASE)
_IDENTIFIER = re.compile(r"\w_\w|\w(?:\.|::|#|->)\w")  # what is inside a name is no word of the question
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_FLAG = re.compile(r"(?<![\w-])--(?:no-)?([a-z][a-z0-9]*(?:-[a-z0-9]+)+)")
_PROPER = re.compile(r"(?<=[a-z,(] )(?:[A-Z]{3,}\d*|[A-Z][a-z]{3,}\d*)\b")
_CUSTOMARY = """
HTTP HTTPS HTML JSON URL URI API CLI GET HEAD POST PUT PATCH DELETE OPTIONS TODO NULL ASCII Unicode English
Python Java Ruby Rust Swift Kotlin Scala Haskell Windows Linux Unix
"""
_ORDINARY = frozenset(_CUSTOMARY.split())
"""Capitals by custom, of things so common that a repository need not name them."""

# Of what goes by another name, 15 of 20 answerable questions have one that is shown so; of 39 absent ones, 9.
_MOST_FIRST = 3  # spans


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a question speaks of, by the names that it gives.

    Attributes:
        names: Written as code, flags included.
        no_names: Those of them that are nothing here.
        nouns: Acronyms and proper nouns of the first clause.
        no_nouns: Those of them that stand nowhere.
        known: Concepts of which some name stands here.
        unheard: Those of which none does.
        unsaid: Known, but not by the name that was asked for; nor is what is shown first about it.
        aside: Unheard ones that are only the means: "through a load balancer".
        unmade: How many concepts and nouns stand here, but only beside the product: in documents, tests or tools.
    """

    names: tuple[str, ...] = ()
    no_names: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    no_nouns: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    unmade: int = 0

    @property
    def is_named(self) -> bool:
        """Whether some name is of something here."""
        return len(self.no_names) < len(self.names)


def read_mentions(question: Question, shown: Sequence[range], corpus: Corpus) -> Mentions:
    """What a question speaks of, looked up in a corpus of which these chunks would be shown, the best first."""
    subject, means = _subject(question.text)
    groups = _groups(subject)
    phrases = {name: tuple(terms.tokenize(name)) for name in groups}
    said = {name for name in groups if phrase_stands(phrases[name], corpus)}
    known = tuple(name for name in groups if name in said or _is_known(groups[name], corpus))
    called = {term for name in known for phrase in _names_of(groups[name]) for term in phrase}
    nouns = _proper_nouns(question.text)
    no_nouns = tuple(noun for noun in nouns if terms.terms_of(noun)[0] not in called and not word_stands(noun, corpus))
    flags = {flag[0]: tuple(terms.tokenize(flag[1])) for flag in _FLAG.finditer(question.text)}
    return Mentions(
        names=(*(name.text for name in question.names), *flags),
        no_names=(
            *(name.text for name in question.names if not name_stands(name, corpus)),
            *(flag for flag, phrase in flags.items() if not phrase_stands(phrase, corpus)),
        ),
        nouns=nouns,
        no_nouns=no_nouns,
        known=known,
        unheard=tuple(name for name in groups if name not in known),
        unsaid=tuple(name for name in known if name not in said and not _is_shown(groups[name], shown, corpus)),
        aside=tuple(
            name for name, concepts in _groups(means).items() if name not in groups and not _is_known(concepts, corpus)
        ),
        unmade=_num_unmade(question, [groups[name] for name in known], set(nouns) - set(no_nouns), corpus),
    )


def _num_unmade(question: Question, known: list[list[Concept]], nouns: set[str], corpus: Corpus) -> int:
    if question.about_docs or question.about_history or question.about_tests:
        return 0
    things = [_names_of(concepts) for concepts in known]
    things += [[(whole,), *([tuple(parts)] if parts else [])] for whole, *parts in map(terms.terms_of, sorted(nouns))]
    return sum(not stands_in_product(phrases, corpus) for phrases in things)


def _is_shown(concepts: list[Concept], shown: Sequence[range], corpus: Corpus) -> bool:
    """Whether what is shown first is about it, or one of the first and something here is named by it."""
    names = _names_of(concepts)
    first = [row for chunks in shown[:_MOST_FIRST] for row in chunks]
    return is_told_in(shown[0] if shown else (), names, corpus, defined=False) or is_told_in(
        first, names, corpus, defined=True
    )


def _groups(text: str) -> dict[str, list[Concept]]:
    """The concepts of a text by the names that stand there, the longest ones alone."""
    named: dict[str, list[Concept]] = {}
    for concept in concepts_in(terms.tokenize(text)):
        named.setdefault(concept.asked, []).append(concept)
    return {
        name: concepts
        for name, concepts in named.items()
        if not any(name != other and f" {name} " in f" {other} " for other in named)
    }


def _subject(text: str) -> tuple[str, str]:
    """What is asked for, with what stands in parentheses; and by what means.

    Conditions, which may tell of the asker's surroundings alone, are in neither.
    """
    first, *means = _MEANS.split(_CONDITION.split(text, maxsplit=1)[0], maxsplit=1)
    return _plain(" ".join([first, *_PARENTHESES.findall(text)])), _plain(" ".join(means))


def _plain(text: str) -> str:
    return " ".join(word for word in text.split() if not _IDENTIFIER.search(word))


def _proper_nouns(text: str) -> tuple[str, ...]:
    """Acronyms and capitalised words inside the first clause of the question, examples after "such as" left out."""
    inside = _MEANS.split(_CONDITION.split(text, maxsplit=1)[0], maxsplit=1)[0]
    return tuple(word for word in _PROPER.findall(inside) if word not in _ORDINARY and word.lower() not in STOP_WORDS)


def _is_known(concepts: list[Concept], corpus: Corpus) -> bool:
    return any(phrase_stands(phrase, corpus) for phrase in _names_of(concepts))


def _names_of(concepts: list[Concept]) -> list[tuple[str, ...]]:
    """All names, single words first: they are looked up, phrases are read."""
    phrases = {phrase for concept in concepts for phrase in concept.names}
    return sorted(phrases, key=lambda phrase: (len(phrase), phrase))
