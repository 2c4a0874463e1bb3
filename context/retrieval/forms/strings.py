"""Finds the places where the literals and patterns of a question stand, the rarest first, code before tests and prose.

Knows which lines match, not how they are searched.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..corpus import Corpus
from .literals import Literal, Pattern, Wanted
from .matching_lines import MatchingLine, lines_holding, lines_matching
from .place import Place

__all__ = ["Standing", "find_strings"]

_TOO_COMMON = 20  # lines: beside other words, what stands on more tells nothing
_MOST_BESIDE_WORDS = 5
_MOST_ALONE = 50
# What a message holds where its source has a placeholder
_VALUE = re.compile(r"'[^']*'|\"[^\"]*\"|\S*[/\\@=]\S*|\b\d[\w.:]*|%\w|\{\w*\}")
_FIXED_WORD = re.compile(r"[^\W\d_]{3,}")
_FEWEST_FIXED_WORDS = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the strings of a question stand, which of them stand nowhere, and a sentence that says so."""

    places: tuple[Place, ...] = ()
    missing: tuple[str, ...] = ()
    note: str = ""


def find_strings(wanted: Wanted, corpus: Corpus) -> Standing:
    """The lines that hold what a question asks for as it stands.

    Raises:
        InputError: A pattern is none, or takes too long.
    """
    found: list[tuple[int, list[Place]]] = []
    missing: list[Literal | Pattern] = []
    asked: list[Literal | Pattern] = [*wanted.patterns, *wanted.literals]
    for each in asked:
        lines, reason = _search(each, corpus)
        if reason and not lines:
            missing.append(each)
            continue
        if not wanted.is_all:
            lines = _telling(each, lines, corpus)
        ordered = _best_first(lines, corpus, limit=_MOST_ALONE if wanted.is_all else _MOST_BESIDE_WORDS)
        found.append((len(lines), [Place(line.file, line.line, None, reason) for line in ordered]))
    found.sort(key=lambda each: each[0])
    return Standing(
        places=tuple(place for _, places in found for place in places),
        missing=tuple(each.shown if isinstance(each, Pattern) else each.text for each in missing),
        note=f"No line here {' or '.join(map(_said, missing))}." if missing else "",
    )


def _telling(wanted: Literal | Pattern, lines: list[MatchingLine], corpus: Corpus) -> list[MatchingLine]:
    """The lines that are worth showing before what the other words of a question find."""
    if len(lines) > _TOO_COMMON:
        return []
    if isinstance(wanted, Literal) and wanted.is_phrase:
        # 'not modified' of a question about a reply stands in tests that have nothing to do with it
        return [line for line in lines if _rank_of_role(line.file, corpus) == 0]
    return lines


def _said(wanted: Literal | Pattern) -> str:
    return f"{'matches' if isinstance(wanted, Pattern) else 'holds'} {wanted.shown}"


def _search(wanted: Literal | Pattern, corpus: Corpus) -> tuple[list[MatchingLine], str]:
    """The lines, and the reason to show them; no reason where there was nothing to search for."""
    if isinstance(wanted, Literal):
        lines = lines_holding(wanted.text, corpus)
        if not lines and (values_open := _with_values_open(wanted, corpus)):
            return values_open, f"holds {wanted.shown} but for its values"
        return lines, f"holds the literal {wanted.shown}"
    from .patterns import compile_pattern  # loads RE2

    matcher = compile_pattern(wanted)
    if matcher is None:
        return [], ""
    return lines_matching(matcher.find, corpus, shown=wanted.shown), f"matches {wanted.shown}"


def _with_values_open(literal: Literal, corpus: Corpus) -> list[MatchingLine]:
    """The lines of a message of which the source holds placeholders: `file %s not found` for `file "a" not found`."""
    pieces = [piece.strip() for piece in _VALUE.split(literal.text)]
    pieces = [piece for piece in pieces if piece]
    if _VALUE.search(literal.text) is None or len(_FIXED_WORD.findall(" ".join(pieces))) < _FEWEST_FIXED_WORDS:
        return []
    from .patterns import compile_open

    return lines_matching(compile_open(pieces).find, corpus, shown=literal.shown)


def _best_first(lines: Sequence[MatchingLine], corpus: Corpus, *, limit: int) -> list[MatchingLine]:
    """Code first, then tests, then prose; in each the rarest match first, then by path and line."""
    times = Counter(line.matched for line in lines)
    by_role: tuple[list[MatchingLine], ...] = ([], [], [], [])
    for line in sorted(lines, key=lambda each: (times[each.matched], corpus.path(each.file), each.line)):
        by_role[_rank_of_role(line.file, corpus)].append(line)
        if len(by_role[0]) == limit:  # of thousands: to learn a file's role takes 20 us
            break
    return [line for lines in by_role for line in lines][:limit]


def _rank_of_role(file: int, corpus: Corpus) -> int:
    roles = corpus.roles(file)
    if roles.history:
        return 3
    if roles.document:
        return 2
    return int(roles.test or roles.example or roles.benchmark or roles.vendored)
