"""Decides what a question asks the uses of: the thing that it names, or the ones whose text its description fits best.

Knows nothing of who uses it. The weights were set by hand; on 32 questions Recall@10 moved by .03 at most when the name
was given half or one and a half of its weight.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2

from .. import terms
from .corpus import Corpus
from .declared import Declared, declared_as, declared_in, text_of
from .highest import highest
from .lexical import Lexical
from .question import Name, Question, Word, read_question

__all__ = ["Target", "find_targets"]

_MOST_DESCRIBED = 3
_MOST_CHUNKS = 30
_MOST_LOOKED_AT = 100  # chunks in which a name stands in some spelling
_MOST_LINES = 80  # of a definition that is read
_CALLED = frozenset({"function", "method", "macro", "declaration"})
_HELD = frozenset({"class", "struct", "interface", "trait", "enum", "type", "module", "constant", "variable", "field"})
_CONSTRUCTORS = frozenset({"__init__", "__construct", "__invoke", "__call__", "constructor", "initialize", "new"})
"""Nobody calls these by their names."""

_KINDS = (
    r"(?:function|method|class|struct|type|macro|helper|routine|constant|variable|field|option|setting|module"
    r"|interface|trait|procedure|callback|property)"
)
_ALONE = re.compile(rf"([\w.:#]+)|(?:the\s+)?([\w.:#]+)\s+{_KINDS}|(?:the\s+)?{_KINDS}\s+([\w.:#]+)", re.IGNORECASE)
_PRONOUN = re.compile(r"(?:it|its|them|this|that|these|those)(?:\s+\w+)?", re.IGNORECASE)

_SATURATION = 1.2
_LEAST_LENGTH = 40  # terms: a field of one line is not described the better for being short
_MEAN_LENGTH = 120
_WEIGHT_OF_MEANING = 0.5
_MANY_USES = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What may be meant.

    Attributes:
        name: As it is written where it is defined; as in the question where it is not defined here.
        meant: Its definitions, best first; none for what is defined elsewhere.
        others: What else has the name.
        named: The question gives the name; else its description was found to fit.
    """

    name: str
    meant: tuple[Declared, ...]
    others: tuple[Declared, ...]
    named: bool


def find_targets(question: Question, subject: str, lexical: Lexical, corpus: Corpus) -> list[Target]:
    """The things that may be meant, best first: each that is named, or up to three that may be described."""
    named = [target for name in _names(question, subject) if (target := _named(name, lexical, corpus))]
    return named or _described(subject, lexical, corpus)


def _names(question: Question, subject: str) -> Sequence[Name]:
    """The names inside the subject, all names for a pronoun, or the bare word that is the whole subject."""
    if _PRONOUN.fullmatch(subject):
        return question.names
    if inside := [name for name in question.names if name.text in subject]:
        return inside
    # "the flush function" and "flush" name it; "the cache" and "a name" describe
    alone = _ALONE.fullmatch(subject)
    return read_question(f"`{alone[alone.lastindex or 0]}`").names if alone else ()


def _named(name: Name, lexical: Lexical, corpus: Corpus) -> Target | None:
    written = re.split(r"\.|::|#|->", name.text.removesuffix("()"))[-1]
    every = declared_as(name.key, corpus)
    same = [each for each in every if each.name == written]
    if not same and _stands(written, name.key, corpus):
        return Target(written, (), (), named=True)  # `MAX_SIZE`, a key of a dictionary, is not `_max_size`
    real = [each for each in same or every if not corpus.roles(each.file).document] or same or every
    owned = [each for each in real if _is_owned(each, name.owners, corpus)] if name.owners else []
    meant = sorted(owned or real, key=lambda each: _order(each, lexical, corpus))
    if not meant:
        return None
    alike = tuple(each for each in meant if each.name == meant[0].name)
    others = tuple(each for each in real if each.name == meant[0].name and each not in alike)
    return Target(meant[0].name, alike, others, named=True)


def _stands(written: str, key: int, corpus: Corpus) -> bool:
    """Whether the text of a chunk holds a name as it is written."""
    chunks = (
        corpus.chunk(row) for row in corpus.chunks_in_order(corpus.chunks_with(key)[0])[:_MOST_LOOKED_AT].tolist()
    )
    return any(written in segment.texts[row] for segment, row in chunks)


def _is_owned(each: Declared, owners: Sequence[int], corpus: Corpus) -> bool:
    """Whether it belongs to the last of these owners, or where that is a module, stands in its file."""
    return terms.identifier_key(each.owner) == owners[-1] or owners[-1] in terms.hash_counts(corpus.path(each.file))


def _order(each: Declared, lexical: Lexical, corpus: Corpus) -> tuple[bool, bool, float, str, int]:
    return (
        _stands_aside(each.file, corpus),
        each.kind == "declaration",
        -float(lexical.file[each.file]),
        corpus.path(each.file),
        each.start,
    )


def _stands_aside(file: int, corpus: Corpus) -> bool:
    roles = corpus.roles(file)
    return roles.test or roles.example or roles.benchmark or roles.document or roles.data or roles.vendored


def _described(subject: str, lexical: Lexical, corpus: Corpus) -> list[Target]:
    told = terms.hash_counts(subject)
    rows = [row for row, word in enumerate(lexical.words) if word.key in told and lexical.mass[row] > 0]
    if not rows:
        return []
    words = [(lexical.words[row], float(lexical.mass[row])) for row in rows]
    fits: dict[Declared, float] = {}
    scores = lexical.chunk_words[rows].sum(axis=0)
    for chunk in highest(scores, corpus.chunk_order, most=_MOST_CHUNKS).tolist():
        if _stands_aside(int(corpus.chunk_file[chunk]), corpus):
            continue
        near = _WEIGHT_OF_MEANING * max(0.0, float(lexical.meaning[chunk]))
        for each in declared_in(chunk, corpus):
            if each not in fits and _may_be_meant(each):
                fits[each] = _fit(each, words, corpus) + _fit_of_uses(each, corpus) + near
    ranked = sorted(fits, key=lambda each: (-fits[each], corpus.path(each.file), each.start, each.line))
    return list(_first_of_each_name(ranked, corpus))


def _may_be_meant(each: Declared) -> bool:
    if each.name in _CONSTRUCTORS:
        return False
    return each.kind in _CALLED or (each.kind in _HELD and each.end - each.start < _MOST_LINES)


def _first_of_each_name(ranked: Iterable[Declared], corpus: Corpus) -> Iterator[Target]:
    seen: set[str] = set()
    for each in ranked:
        if each.name in seen:
            continue
        seen.add(each.name)
        every = [one for one in declared_as(terms.identifier_key(each.name), corpus) if one.name == each.name]
        same = [one for one in every if one.owner == each.owner and one != each]
        others = [one for one in every if one.owner != each.owner]
        yield Target(each.name, (each, *same), tuple(others), named=False)
        if len(seen) == _MOST_DESCRIBED:
            return


def _fit(each: Declared, words: Sequence[tuple[Word, float]], corpus: Corpus) -> float:
    """How well a definition is described: by its text, its comment included, and by its name."""
    counts = terms.hash_counts(text_of(each, corpus, most_lines=_MOST_LINES))
    in_name = terms.hash_counts(" ".join(terms.split_identifier(each.name)))
    damping = _SATURATION * (0.25 + 0.75 * max(sum(counts.values()), _LEAST_LENGTH) / _MEAN_LENGTH)
    in_text = of_name = total = 0.0
    told: set[int] = set()
    for word, mass in words:
        times = max(counts.get(word.key, 0), 1)
        saturated = times * (1 + _SATURATION) / (times + damping)
        in_text += mass * _share(word, counts) * (1 + saturated)
        of_name += mass * _share(word, in_name)
        told.update((word.key, *(key for key, _ in word.related)))
        total += mass
    precision = len(told & in_name.keys()) / len(in_name) if in_name else 0.0
    return (in_text + of_name * (0.4 + 0.6 * precision)) / total


def _share(word: Word, counts: dict[int, int]) -> float:
    """1 for the word itself, less for what often stands for it."""
    return 1.0 if word.key in counts else max((share for key, share in word.related if key in counts), default=0.0)


def _fit_of_uses(each: Declared, corpus: Corpus) -> float:
    """What nobody refers to has no uses to ask for, and what everybody refers to is seldom described."""
    key = terms.identifier_key(each.name)
    count = len(corpus.chunks_referring_to(key)[0]) or len(corpus.chunks_with(key)[0]) - 1
    held = 0.3 * (each.kind not in _CALLED)
    return -0.5 * (count <= 0) - 0.2 * log2(max(count, _MANY_USES) / _MANY_USES) - held
