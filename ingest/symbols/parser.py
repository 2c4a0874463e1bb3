"""Parses a text and gathers what its grammar's queries saw. Never raises; knows nothing of files, chunks or ranking."""

import time
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from ..types import Import, Reference, Syntax
from .cuts import find_cuts
from .damage import is_ridden_with_errors, is_too_deep
from .dialects import dialect_of, mend
from .grammars import Grammar, has_grammar, load_grammar
from .heads import find_heads
from .leads import Leads
from .outline import Match, clean_text, gather_definitions

if TYPE_CHECKING:
    from tree_sitter import QueryPredicate

__all__ = ["parse"]

_PredicateArgs = list[tuple[str, Literal["capture", "string"]]]

# 2 MB of ordinary source parse in 0.4 s; a text that takes far longer was made to.
_TIME_LIMIT_S = 3.0
# A tree takes 10 to 20 times the text: larger files are cut at lines, so that memory stays bounded.
_MAX_BYTES = 2_000_000
# States that a query may keep open at once; real files need under 64. Unlimited, a hostile text makes it quadratic.
_MATCH_LIMIT = 500
# Tree levels that a query looks into; real code stays below 100. 20,000 nested `if a then` took Elixir's 20 s.
_MAX_DEPTH = 400

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
    language = dialect_of(data, language)
    grammar = load_grammar(language)
    tree = _parse_tree(mend(data, language), grammar)
    if tree is None:
        return _FAILED
    return _gather(tree, data, text, language)


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


def _gather(tree: Tree, data: bytes, text: str, language: str) -> Syntax:
    root = tree.root_node
    outline, uses = _sort_out(_cursor(load_grammar(language).query).matches(root, _word_predicate(data)))
    lines = text.split("\n")
    leads = Leads(uses["lead"], lines)
    definitions = gather_definitions(outline, data, leads, len(lines) - (not lines[-1]))
    if heads := find_heads(lines, language, leads):
        definitions = tuple(sorted((*definitions, *heads), key=lambda found: (found.start, -found.end, found.line)))
    if is_ridden_with_errors(
        uses["error"], num_lines=len(lines), num_bytes=len(data), has_definitions=bool(definitions)
    ):
        return _FAILED
    headings = {definition.start - 1 for definition in definitions if definition.kind == "section"}
    named = {name.start_byte for _, captures in outline if "scope" not in captures for name in captures["name"]}
    references = (node for node in uses["reference"] if node.start_byte not in named)
    return Syntax(
        definitions=definitions,
        references=tuple(Reference(clean_text(name), row + 1) for row, name in _distinct(references, data)),
        imports=tuple(Import(_target(target), row + 1) for row, target in _distinct(uses["import"], data)),
        cuts=find_cuts(root, lines, leads, headings),
    )


def _sort_out(matches: Iterable[Match]) -> tuple[list[Match], defaultdict[str, list[Node]]]:
    """The matches that define a name, and the nodes of all others by capture."""
    outline = []
    uses: defaultdict[str, list[Node]] = defaultdict(list)
    for match in matches:
        if "name" in match[1]:
            outline.append(match)
            continue
        for capture, nodes in match[1].items():
            uses[capture] += nodes
    return outline, uses


def _cursor(query: Query) -> QueryCursor:
    # No progress callback: tree_sitter 0.26.1 crashes on it. The two limits bound the work instead.
    cursor = QueryCursor(query, match_limit=_MATCH_LIMIT)
    cursor.set_max_start_depth(_MAX_DEPTH)
    return cursor


def _target(raw: bytes) -> str:
    return clean_text(raw).removeprefix("import ")  # Scala's grammar has no node for the whole path


def _word_predicate(data: bytes) -> "QueryPredicate":
    """Judges `(#word-in? @capture "a" "b")` and `#not-word-in?`, which are ours, for one query.

    The predicates of tree_sitter 0.26.1 read the text through the parser's callback, and then crash or never end.
    """
    known: dict[tuple[int, str], frozenset[bytes]] = {}

    def accepts(predicate: str, args: _PredicateArgs, pattern_index: int, captures: dict[str, list[Node]]) -> bool:
        capture = args[0][0]
        words = known.get((pattern_index, capture))
        if words is None:
            words = known[pattern_index, capture] = frozenset(word.encode() for word, _ in args[1:])
        wanted = predicate == "word-in?"
        nodes = captures.get(capture, ())
        verdict = all((data[node.start_byte : node.end_byte] in words) is wanted for node in nodes)
        # tree_sitter 0.26.1 leaks this dict, and with a node of it the whole tree: 4 MB for 80 KB of Ruby
        captures.clear()
        return verdict

    return accepts


def _distinct(nodes: Iterable[Node], data: bytes) -> list[tuple[int, bytes]]:
    """(row, text) of each node once, in their order."""
    return sorted({(node.start_point[0], data[node.start_byte : node.end_byte]) for node in nodes})
