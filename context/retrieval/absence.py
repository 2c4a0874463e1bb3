"""Judges whether a repository has what a question names, so that the least bad hit is not shown as an answer.

Words alone cannot tell: a person who asks well about what is there often uses words that are not: in 651 questions, up
to 88% of all that the words of one count. So only what names one thing is judged, and each sign stays silent in doubt:
a name written as code, an acronym or a proper noun that stands nowhere, and a known concept of programming of which no
name stands. Beyond that an answer must show one word that carries the question. Knows nothing of ranking.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from .. import terms
from .concepts import Concept, concepts_in
from .corpus import Corpus
from .lexical import Lexical
from .question import WEAK, Name, Question, Word
from .stopwords import ACTION_WORDS, STOP_WORDS

__all__ = ["Verdict", "judge"]

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


def judge(question: Question, lexical: Lexical, shown: Sequence[range], corpus: Corpus) -> Verdict:
    """The verdict on a question for which the chunks of some spans would be shown."""
    if not corpus.num_files:
        return Verdict(False, (), "There are no files here to look in.")
    absent = [name.text for name in question.names if not _stands(name, corpus)]
    concepts = concepts_in(terms.tokenize(_subject(question.text)))
    known = [concept for concept in concepts if _is_known(concept, corpus)]
    unheard = [concept.asked for concept in concepts if concept not in known]
    other_names = {term for concept in known for name in concept.names for term in name}
    nouns = _proper_nouns(question.text)
    proper = [noun for noun in nouns if not _word_stands(noun, corpus, or_in=other_names)]
    missing = tuple(_distinct([*absent, *proper, *unheard]))
    if absent and len(absent) == len(question.names):
        return Verdict(False, missing, f"Nothing here is called {_listed(missing)}.")
    if (proper and len(proper) == len(nouns)) or (unheard and not known):
        return Verdict(False, missing, f"Nothing here speaks of {_listed(missing)}.")
    return _judge_by_words(missing, lexical, shown, corpus)


def _judge_by_words(missing: tuple[str, ...], lexical: Lexical, shown: Sequence[range], corpus: Corpus) -> Verdict:
    """Found when one word that carries the question, or what stands for it, is shown; tells those that are nowhere."""
    carrying = [row for row, word in enumerate(lexical.words) if _carries(word)]
    nowhere = [lexical.words[row].text for row in carrying if not lexical.chunk_words[row].any()]
    named = [text for text in nowhere if not _names_a_path(text, corpus)]
    missing = tuple(_distinct([*missing, *named]))
    rows = [row for chunks in shown for row in chunks]
    if not carrying or len(named) < len(nowhere) or lexical.chunk_words[np.ix_(carrying, rows)].any():
        return Verdict(True, missing)
    said = _listed(tuple(dict.fromkeys(lexical.words[row].text for row in carrying)))
    return Verdict(False, missing, f"Nothing that was found speaks of {said}.")


def _carries(word: Word) -> bool:
    return not word.optional and word.weight > WEAK and word.text.lower() not in ACTION_WORDS


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


def _word_stands(word: str, corpus: Corpus, *, or_in: set[str]) -> bool:
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
    return any(_phrase_stands(phrase, corpus) for phrase in concept.names)


def _phrase_stands(phrase: tuple[str, ...], corpus: Corpus) -> bool:
    if _key_stands(terms.term_hash(terms.join(phrase)), corpus):
        return True
    if len(phrase) == 1:
        return False
    holding = (set(corpus.chunks_with(terms.term_hash(term))[0].tolist()) for term in phrase)
    together = set.intersection(*holding)
    if len(together) > _TOO_MANY_TO_READ:
        return True
    return _is_told([row for row in together if _stands_in_chunk(phrase, corpus, row)], corpus)


def _stands_in_chunk(phrase: tuple[str, ...], corpus: Corpus, row: int) -> bool:
    segment, local = corpus.chunk(row)
    found = terms.tokenize(segment.texts[local])
    return any(tuple(found[at : at + len(phrase)]) == phrase for at in range(len(found)))


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
