"""Judges whether a repository has what a question names, so that the least bad hit is not shown as an answer.

Three signs, each of which stays silent in doubt: a name given as code or in quotes that stands nowhere; a known concept
of programming of which no name stands anywhere; no word of the question at all. Knows nothing of ranking.
"""

from dataclasses import dataclass

from .. import terms
from .concepts import Concept, concepts_in
from .corpus import Corpus
from .lexical import Lexical
from .question import Name, Question

__all__ = ["Verdict", "judge"]


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


def judge(question: Question, lexical: Lexical, corpus: Corpus) -> Verdict:
    """The verdict on a question."""
    if not lexical.file.any() and not lexical.path.any():
        return Verdict(False, (), "No word of the question stands anywhere in these files.")
    names = [name for name in question.names if " " not in name.text]
    absent = [name for name in names if not _stands(name, corpus)]
    concepts = concepts_in(terms.tokenize(question.text))
    unheard = [concept for concept in concepts if not _is_known(concept, corpus)]
    missing = tuple(dict.fromkeys([name.text for name in absent] + [concept.asked for concept in unheard]))
    if absent and len(absent) == len(names):
        return Verdict(False, missing, f"Nothing here is called {_listed(missing)}.")
    if unheard and len(unheard) == len(concepts):
        return Verdict(False, missing, f"Nothing here speaks of {_listed(missing)}.")
    return Verdict(True, missing)


def _stands(name: Name, corpus: Corpus) -> bool:
    return bool(len(corpus.chunks_with(name.key)[0]) or len(corpus.files_with("path", name.key)[0]))


def _is_known(concept: Concept, corpus: Corpus) -> bool:
    return any(_phrase_stands(phrase, corpus) for phrase in concept.names)


def _phrase_stands(phrase: tuple[str, ...], corpus: Corpus) -> bool:
    keys = [terms.term_hash(term) for term in phrase]
    if len(keys) == 1:
        return bool(len(corpus.chunks_with(keys[0])[0]) or len(corpus.files_with("path", keys[0])[0]))
    if len(corpus.chunks_with(terms.term_hash(terms.join(phrase)))[0]):
        return True
    together = set.intersection(*(set(corpus.chunks_with(key)[0].tolist()) for key in keys))
    return any(_adjacent(phrase, corpus, row) for row in together)


def _adjacent(phrase: tuple[str, ...], corpus: Corpus, row: int) -> bool:
    segment, local = corpus.chunk(row)
    found = terms.tokenize(segment.texts[local])
    return any(tuple(found[at : at + len(phrase)]) == phrase for at in range(len(found)))


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
