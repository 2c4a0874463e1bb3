"""Parses a text and gathers what its grammar's queries saw. Never raises; knows nothing of files, chunks or ranking."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from tree_sitter import Node, Parser, QueryCursor, Tree

from ..types import Import, Reference, Syntax
from .cuts import find_cuts
from .damage import is_ridden_with_errors, is_too_deep
from .grammars import Grammar, has_grammar, load_grammar
from .leads import Leads
from .outline import gather_definitions

if TYPE_CHECKING:
    from tree_sitter import QueryPredicate

__all__ = ["parse"]

_PredicateArgs = list[tuple[str, Literal["capture", "string"]]]

# 2 MB of ordinary source parse in 0.4 s; a text that takes far longer was made to.
_TIME_LIMIT_S = 4.0
# A tree takes 10 to 20 times the text: larger files are cut at lines, so that memory stays bounded.
_MAX_BYTES = 2_000_000
# States that a query may keep open at once. Unlimited, a hostile text makes it quadratic.
_MATCH_LIMIT = 20_000
# A target or name longer than this is no name that anyone asks for.
_MAX_CHARS = 200

_FAILED = Syntax(ok=False)


def parse(text: str, language: str) -> Syntax:
    r"""Definitions, references, imports and places to cut.

    Args:
        text: With "\n" line ends.
        language: A name of `languages.py`. Without a grammar for it the result is empty, and `ok`.

    Returns:
        `ok` is False where there is a grammar but the text is too large, too slow, too deep or not in that language.
    """
    if not has_grammar(language):
        return Syntax()
    data = text.encode("utf-8", "replace")
    if len(data) > _MAX_BYTES or is_too_deep(data, language):
        return _FAILED
    grammar = load_grammar(language)
    tree = _parse_tree(data, grammar)
    if tree is None or is_ridden_with_errors(tree.root_node):
        return _FAILED
    return _gather(tree, data, text, grammar)


def _parse_tree(data: bytes, grammar: Grammar) -> Tree | None:
    view = memoryview(data)
    deadline = time.monotonic() + _TIME_LIMIT_S

    def read(offset: int, _point: object) -> memoryview:
        return view[offset:]

    def is_late(_offset: int, _has_error: bool) -> bool:
        return time.monotonic() > deadline

    # Only a parse that reads through a callback can be stopped; it costs under 3%.
    try:
        return Parser(grammar.language).parse(read, progress_callback=is_late)
    except ValueError:
        return None


def _gather(tree: Tree, data: bytes, text: str, grammar: Grammar) -> Syntax:
    root = tree.root_node
    accepts = _word_predicate(data)
    # No progress callback here: tree_sitter 0.26.1 crashes on it. The match limit bounds the work.
    uses = QueryCursor(grammar.uses, match_limit=_MATCH_LIMIT).captures(root, accepts)
    matches = QueryCursor(grammar.outline, match_limit=_MATCH_LIMIT).matches(root, accepts)
    lines = text.split("\n")
    leads = Leads(uses.get("lead", ()), lines)
    return Syntax(
        definitions=gather_definitions(matches, data, leads),
        references=tuple(Reference(name, line) for name, line in _distinct(uses.get("reference", ()), data)),
        imports=tuple(Import(target, line) for target, line in _distinct(uses.get("import", ()), data)),
        cuts=find_cuts(root, lines, leads),
    )


def _word_predicate(data: bytes) -> "QueryPredicate":
    """`(#word-in? @capture "a" "b")`, of our own: the built-in ones read the text through the parser's callback,
    which crashes or never ends in tree_sitter 0.26.1.
    """

    def accepts(_name: str, args: _PredicateArgs, _pattern: int, captures: dict[str, list[Node]]) -> bool:
        nodes = captures.get(args[0][0], ())
        words = {word.encode() for word, _ in args[1:]}
        return all(data[node.start_byte : node.end_byte] in words for node in nodes)

    return accepts


def _distinct(nodes: Iterable[Node], data: bytes) -> list[tuple[str, int]]:
    """(text, line) of each node once, in the order of their lines."""
    seen = {(data[node.start_byte : node.end_byte], node.start_point[0]) for node in nodes}
    found = [(" ".join(text.decode("utf-8", "replace").split())[:_MAX_CHARS], row + 1) for text, row in seen]
    return sorted(found, key=lambda use: (use[1], use[0]))
