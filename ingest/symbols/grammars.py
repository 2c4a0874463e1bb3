"""Loads tree-sitter grammars and their queries, once a process, and only those that are asked for.

A query file `queries/<language>.scm` uses these captures:

    @definition.<kind> with @name, and @owner where the head names what it belongs to (Go's receiver)
    @scope with @name       lends its name to what is inside, yet is no definition (Rust's impl)
    @reference, @import     the node's text is the name or target
    @lead                   a comment or attribute that belongs to what follows it

Where several patterns meet one name, the first in the file gives the kind and the widest node the span. That is how
decorators, `export` and `template<>` are taken in.

A parent written as `(_ ...)` costs no analysis when the query is made, one that is named up to 10 ms (Zig's `Decl`,
Swift's `call_expression`): what a field or a child already tells is not named. Knows nothing of files or of what
becomes of the captures.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from tree_sitter import Language, Query

__all__ = ["Grammar", "has_grammar", "load_grammar"]

_QUERIES = files(__package__) / "queries"
_ERRORS = "\n(ERROR) @error"

# One dialect may borrow the patterns of another: the grammar is its own, the node types are the same.
_SHARED_QUERIES = {"tsx": ("typescript", "tsx"), "scss": ("css", "scss")}


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language with its query, one for all: each walk over a tree costs 40 ms a MB, whatever it looks for."""

    language: Language
    query: Query


@cache
def _languages_with_queries() -> frozenset[str]:
    names = (entry.name for entry in _QUERIES.iterdir())
    return frozenset(name.removesuffix(".scm") for name in names if name.endswith(".scm"))


def has_grammar(language: str) -> bool:
    """Whether `parse` sees syntax in this language, a name of `languages.py`."""
    return language in _languages_with_queries()


@cache
def load_grammar(language: str) -> Grammar:
    """The grammar of a language that `has_grammar`. Analysing its query takes up to 40 ms, once."""
    from tree_sitter_language_pack import SupportedLanguage, get_language

    grammar = get_language(cast("SupportedLanguage", language))
    names = _SHARED_QUERIES.get(language, (language,))
    return Grammar(grammar, Query(grammar, "\n".join(map(_read_query, names)) + _ERRORS))


def _read_query(language: str) -> str:
    return (_QUERIES / f"{language}.scm").read_text(encoding="utf-8")
