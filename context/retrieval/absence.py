"""Judges whether a repository has what a question names, so that the least bad hit is not shown as an answer.

Words alone cannot tell: a person who asks well about what is there often uses words that are not: in 651 questions, up
to 88% of all that the words of one count. So only what names one thing is judged (`mentions`), and each sign stays
silent in doubt. Beyond that an answer must show one word that carries the question, and what speaks against it, weighed
together (`absence.json`, which `benchmarks/train_absence.py` writes), must stay small. Knows nothing of ranking.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .. import terms
from .corpus import Corpus
from .lexical import Lexical
from .mentions import Mentions, read_mentions
from .question import Question
from .signals import carries, signals_against

__all__ = ["Verdict", "judge", "signals_of"]

_MOST_SHOWN = 80  # characters of a name: it may be a pasted blob
_WEIGHTS = Path(__file__).with_name("absence.json")


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


def judge(
    question: Question, lexical: Lexical, shown: Sequence[range], corpus: Corpus, *, weigh: bool = True
) -> Verdict:
    """The verdict on a question for which some chunks would be shown; by exact rules alone unless `weigh`."""
    if not corpus.num_files:
        return Verdict(False, (), "There are no files here to look in.")
    said = read_mentions(question, shown, corpus)
    missing = tuple(_distinct([*said.no_names, *said.no_nouns, *said.unheard]))
    if said.no_names and not said.is_named:
        return Verdict(False, missing, f"Nothing here is called {_listed(missing)}.")
    if (said.no_nouns and len(said.no_nouns) == len(said.nouns)) or (said.unheard and not said.known):
        return Verdict(False, missing, f"Nothing here speaks of {_listed(missing)}.")
    verdict = _judge_by_words(missing, lexical, shown, corpus)
    if not weigh or not verdict.found:
        return verdict
    return _weighed(said, verdict, signals_against(said, lexical, shown, corpus))


def signals_of(question: Question, lexical: Lexical, shown: Sequence[range], corpus: Corpus) -> dict[str, float]:
    """What is weighed, by name."""
    return signals_against(read_mentions(question, shown, corpus), lexical, shown, corpus)


def _weighed(said: Mentions, verdict: Verdict, signals: dict[str, float]) -> Verdict:
    """The verdict, unless too much speaks against it."""
    model = _model()
    score = sum(weight * signals[name] for name, weight in model["weights"].items())
    if score <= model["threshold"]:
        return verdict
    if said.unheard or said.aside:
        unheard = (*said.unheard, *said.aside)
        missing = tuple(_distinct([*verdict.missing, *unheard]))
        return Verdict(False, missing, f"Nothing here speaks of {_listed(unheard)}.")
    if verdict.missing:
        return Verdict(False, verdict.missing, f"{_listed(verdict.missing)} is not here, and little of the rest is.")
    if said.unsaid:
        return Verdict(False, said.unsaid, f"Nothing here is called {_listed(said.unsaid)}.")
    return Verdict(False, (), "No place here has enough of what the question asks for together.")


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return model


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


def _listed(names: tuple[str, ...]) -> str:
    quoted = [f"“{name[:_MOST_SHOWN]}{'…' * (len(name) > _MOST_SHOWN)}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
