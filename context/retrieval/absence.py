"""Judges whether a repository has what a question names, so that the least bad hit is not shown as an answer.

Words alone cannot tell: a person who asks well about what is there often uses words that are not: in 651 questions, up
to 88% of all that the words of one count. So only what names one thing is judged, and each sign stays silent in doubt:
a name written as code, an acronym or a proper noun that stands nowhere, and a known concept of programming of which no
name stands. Beyond that an answer must show one word that carries the question, and what speaks against it, weighed
together (`absence.json`, which `benchmarks/train_absence.py` writes), must stay small. Knows nothing of ranking.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .. import terms
from .concepts import Concept, concepts_in
from .corpus import Corpus
from .lexical import Lexical
from .question import Name, Question
from .signals import carries, word_signals
from .stopwords import STOP_WORDS

__all__ = ["Verdict", "judge", "signals_of"]

_MOST_SHOWN = 80  # characters of a name: it may be a pasted blob
_WEIGHTS = Path(__file__).with_name("absence.json")

_CLAUSE = re.compile(
    r"\s(?:when|whenever|while|if|unless|because|since|so that|after|before|until|through|behind|instead of|rather than"
    r"|such as|for example|e\.g\.|like|including)\s",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"\w_\w|\w(?:\.|::|#|->)\w")  # what is inside a name is no word of the question
_TOO_MANY_TO_READ = 100  # chunks that hold a thing's words: then it is taken to be there
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_PROPER = re.compile(r"(?<=[a-z,(] )(?:[A-Z]{3,}|[A-Z][a-z]{3,})\b")
_CUSTOMARY = """
HTTP HTTPS HTML JSON URL URI API CLI GET HEAD POST PUT PATCH DELETE OPTIONS TODO NULL ASCII Unicode English
Python Java Ruby Rust Swift Kotlin Scala Haskell Windows Linux Unix
"""
_ORDINARY = frozenset(_CUSTOMARY.split())
"""Capitals by custom, of things so common that a repository need not name them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether there is an answer.

    Attributes:
        found: False when the repository was judged to hold none.
        missing: What the question names and the repository does not have; may be filled when `found` is True.
        note: One sentence on why `found` is False.
    """

    found: bool
    missing: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Concepts:
    """The concepts of a question, by the names that it gives them.

    Attributes:
        known: Some name of it stands here.
        unheard: None does.
        unsaid: Known, but not by the name that was asked for.
        terms: Those of all names of what is known.
    """

    known: tuple[str, ...]
    unheard: tuple[str, ...]
    unsaid: tuple[str, ...]
    terms: frozenset[str]


def judge(
    question: Question, lexical: Lexical, shown: Sequence[range], corpus: Corpus, *, weigh: bool = True
) -> Verdict:
    """The verdict on a question for which some chunks would be shown; by exact rules alone unless `weigh`."""
    if not corpus.num_files:
        return Verdict(False, (), "There are no files here to look in.")
    absent = [name.text for name in question.names if not _stands(name, corpus)]
    concepts = _read_concepts(question, corpus)
    unheard, known = concepts.unheard, concepts.known
    nouns = _proper_nouns(question.text)
    proper = [noun for noun in nouns if not _word_stands(noun, corpus, or_in=concepts.terms)]
    missing = tuple(_distinct([*absent, *proper, *unheard]))
    if absent and len(absent) == len(question.names):
        return Verdict(False, missing, f"Nothing here is called {_listed(missing)}.")
    if (proper and len(proper) == len(nouns)) or (unheard and not known):
        return Verdict(False, missing, f"Nothing here speaks of {_listed(missing)}.")
    verdict = _judge_by_words(missing, lexical, shown, corpus)
    return (
        _judge_by_signals(question, concepts, verdict, lexical, shown, corpus) if weigh and verdict.found else verdict
    )


def signals_of(question: Question, lexical: Lexical, shown: Sequence[range], corpus: Corpus) -> dict[str, float]:
    """What is weighed, by name."""
    signals = _concept_signals(_read_concepts(question, corpus)) | word_signals(lexical, shown, corpus)
    return signals | {"named": float(any(_stands(name, corpus) for name in question.names))}


def _judge_by_signals(
    question: Question,
    concepts: _Concepts,
    verdict: Verdict,
    lexical: Lexical,
    shown: Sequence[range],
    corpus: Corpus,
) -> Verdict:
    signals = _concept_signals(concepts) | word_signals(lexical, shown, corpus)
    signals["named"] = float(any(_stands(name, corpus) for name in question.names))
    model = _model()
    score = sum(weight * signals.get(name, 0.0) for name, weight in model["weights"].items())
    if score <= model["threshold"]:
        return verdict
    if concepts.unheard:
        missing = tuple(_distinct([*verdict.missing, *concepts.unheard]))
        return Verdict(False, missing, f"Nothing here speaks of {_listed(concepts.unheard)}.")
    if verdict.missing:
        return Verdict(False, verdict.missing, f"{_listed(verdict.missing)} is not here, and little of the rest is.")
    if concepts.unsaid:
        return Verdict(False, concepts.unsaid, f"Nothing here is called {_listed(concepts.unsaid)}.")
    return Verdict(False, (), "No place here has enough of what the question asks for together.")


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return model


def _read_concepts(question: Question, corpus: Corpus) -> _Concepts:
    named: dict[str, list[Concept]] = {}
    for concept in concepts_in(terms.tokenize(_subject(question.text))):
        named.setdefault(concept.asked, []).append(concept)
    longest = [name for name in named if not any(name != other and f" {name} " in f" {other} " for other in named)]
    said = {name: _phrase_stands(tuple(terms.tokenize(name)), corpus) for name in longest}
    known = tuple(name for name in longest if said[name] or any(_is_known(each, corpus) for each in named[name]))
    return _Concepts(
        known=known,
        unheard=tuple(name for name in longest if name not in known),
        unsaid=tuple(name for name in known if not said[name]),
        terms=frozenset(term for name in known for each in named[name] for phrase in each.names for term in phrase),
    )


def _concept_signals(concepts: _Concepts) -> dict[str, float]:
    return {
        "unheard": float(len(concepts.unheard)),
        "unheard_phrases": float(sum(" " in name for name in concepts.unheard)),
        "unheard_alone": float(bool(concepts.unheard) and not concepts.known),
        "unsaid": float(len(concepts.unsaid)),
        "known": float(len(concepts.known)),
    }


def _judge_by_words(missing: tuple[str, ...], lexical: Lexical, shown: Sequence[range], corpus: Corpus) -> Verdict:
    """Found when one word that carries the question, or what stands for it, is shown; tells those that are nowhere."""
    carrying = [row for row, word in enumerate(lexical.words) if carries(word)]
    nowhere = [lexical.words[row].text for row in carrying if not lexical.chunk_words[row].any()]
    named = [text for text in nowhere if not _names_a_path(text, corpus)]
    missing = tuple(_distinct([*missing, *named]))
    rows = [row for chunks in shown for row in chunks]
    if not carrying or len(named) < len(nowhere) or lexical.chunk_words[np.ix_(carrying, rows)].any():
        return Verdict(True, missing)
    said = _listed(tuple(dict.fromkeys(lexical.words[row].text for row in carrying)))
    return Verdict(False, missing, f"Nothing that was found speaks of {said}.")


def _names_a_path(text: str, corpus: Corpus) -> bool:
    return any(len(corpus.files_with("path", key)[0]) for key in terms.hash_counts(text))


def _distinct(names: list[str]) -> list[str]:
    return list({terms.identifier_key(name): name for name in reversed(names)}.values())[::-1]


def _subject(text: str) -> str:
    """The part before the first clause that only describes when or why, and what stands in parentheses."""
    said = " ".join([_CLAUSE.split(text, maxsplit=1)[0], *_PARENTHESES.findall(text)])
    return " ".join(word for word in said.split() if not _IDENTIFIER.search(word))


def _proper_nouns(text: str) -> list[str]:
    """Acronyms and capitalised words inside the first clause of the question, examples after "such as" left out."""
    inside = _CLAUSE.split(text, maxsplit=1)[0]
    return [word for word in _PROPER.findall(inside) if word not in _ORDINARY and word.lower() not in STOP_WORDS]


def _stands(name: Name, corpus: Corpus) -> bool:
    return (
        len(corpus.chunks_with(name.key)[0]) > 0
        or _key_stands(name.key, corpus)
        or len(corpus.definitions_named(name.key)) > 0
        or " " in name.text
    )


def _word_stands(word: str, corpus: Corpus, *, or_in: Collection[str]) -> bool:
    term = terms.terms_of(word)[0]
    return term in or_in or _key_stands(terms.term_hash(term), corpus)


def _key_stands(key: int, corpus: Corpus) -> bool:
    return len(corpus.files_with("path", key)[0]) > 0 or _is_told(corpus.chunks_with(key)[0].tolist(), corpus)


def _is_told(chunks: Collection[int], corpus: Corpus) -> bool:
    """Whether one of these chunks is of more than a changelog or the like, which name much that is not there."""
    if len(chunks) > _TOO_MANY_TO_READ:
        return True
    return any(not corpus.roles(int(file)).history for file in set(corpus.chunk_file[list(chunks)].tolist()))


def _is_known(concept: Concept, corpus: Corpus) -> bool:
    # single words first: they are looked up, phrases are read
    return any(_phrase_stands(phrase, corpus) for phrase in sorted(concept.names, key=len))


def _phrase_stands(phrase: tuple[str, ...], corpus: Corpus) -> bool:
    if _key_stands(terms.term_hash(terms.join(phrase)), corpus):
        return True
    if len(phrase) == 1:
        return False
    together, *others = sorted((corpus.chunks_with(terms.term_hash(term))[0] for term in phrase), key=len)
    for rows in others:
        together = together[rows[np.searchsorted(rows, together).clip(max=len(rows) - 1)] == together]
    if len(together) > _TOO_MANY_TO_READ:
        return True
    files: dict[int, list[int]] = {}
    for row in together.tolist():
        files.setdefault(int(corpus.chunk_file[row]), []).append(row)
    told = (rows for file, rows in files.items() if not corpus.roles(file).history)
    return any(_stands_in_chunk(phrase, corpus, row) for rows in told for row in rows)


def _stands_in_chunk(phrase: tuple[str, ...], corpus: Corpus, row: int) -> bool:
    segment, local = corpus.chunk(row)
    found = terms.tokenize(segment.texts[local])
    return any(tuple(found[at : at + len(phrase)]) == phrase for at in range(len(found)))


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"“{name[:_MOST_SHOWN]}{'…' * (len(name) > _MOST_SHOWN)}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
