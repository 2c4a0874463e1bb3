"""Turns the matches of an outline query into definitions with qualified names. Knows nothing of grammars or chunks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tree_sitter import Node

from ..types import Definition
from .leads import Leads, last_row

__all__ = ["Match", "clean_text", "gather_definitions"]

Match = tuple[int, dict[str, list[Node]]]

_SCOPE = "scope"
_HOLDS_METHODS = frozenset({_SCOPE, "class", "interface", "struct", "enum", "trait"})
# A heading or key may be any text; these alone are not split at the separators of a qualified name.
_FREE_TEXT = frozenset({"section", "key", "rule", "table"})
_SEPARATORS = re.compile(r"::|[.:\\]")
# `formatter<std::tm, Char>` is one more `formatter`; an operator such as `operator<=>` keeps its signs.
_TEMPLATE_ARGUMENTS = re.compile(r"(?<=\w)(?<!operator)<[^<>]*>")
_WRAPPED = re.compile(r"""(["'`]).+\1|<[\w./].*>""")  # not Haskell's `<+>`
# A name longer than this is none that anyone asks for.
_MAX_CHARS = 200
# Deeper definitions are left out: a hostile nest would make the qualified names quadratic.
_MAX_LEVELS = 50


@dataclass(slots=True)
class _Candidate:
    """What was seen of one name so far: the first pattern's kind, the widest node's span."""

    pattern: int
    kind: str
    node: Node
    start: int
    end: int
    name: Node
    owner: str

    def holds(self, later: "_Candidate") -> bool:
        """Whether one that starts no earlier lies within; `int a, b` are two names of one span, side by side."""
        return later.end < self.end or (later.end == self.end and later.start > self.start)


def gather_definitions(matches: Iterable[Match], data: bytes, leads: Leads, num_lines: int) -> tuple[Definition, ...]:
    """Definitions in the order of their start, an outer one before those inside it.

    Args:
        matches: Of a query as `grammars.py` describes it.
        data: The text that was parsed, in UTF-8.
        leads: The comments that belong to what follows them.
        num_lines: Of the text, for the last section's end.
    """
    candidates: dict[int, _Candidate] = {}
    for pattern, captures in matches:
        _add_candidate(candidates, pattern, captures, data)
    nested = sorted(candidates.values(), key=lambda found: (found.start, -found.end, found.name.start_byte))
    found = sorted(_qualify(nested, data, leads), key=lambda d: (d.start, -d.end, d.line))
    return tuple(_stretch_sections(found, num_lines))


def _add_candidate(
    candidates: dict[int, _Candidate], pattern: int, captures: dict[str, list[Node]], data: bytes
) -> None:
    owner = _text(captures["owner"][0], data) if "owner" in captures else ""
    kind, node = next((_kind_of(label), nodes[0]) for label, nodes in captures.items() if _kind_of(label))
    for name in captures["name"]:
        start, end = node.start_byte, node.end_byte
        known = candidates.get(name.start_byte)
        if known is None:
            candidates[name.start_byte] = _Candidate(pattern, kind, node, start, end, name, owner)
            continue
        if pattern < known.pattern:
            known.pattern, known.kind, known.name, known.owner = pattern, kind, name, owner or known.owner
        if end - start > known.end - known.start:
            known.node, known.start, known.end = node, start, end


def _kind_of(label: str) -> str:
    return label if label == _SCOPE else label.removeprefix("definition.") if label.startswith("definition.") else ""


def _qualify(nested: Iterable[_Candidate], data: bytes, leads: Leads) -> Iterable[Definition]:
    enclosing: list[tuple[_Candidate, str]] = []  # with its qualified name, outermost first
    for found in nested:
        while enclosing and not enclosing[-1][0].holds(found):
            enclosing.pop()
        outer_name, outer_kind = (enclosing[-1][1], enclosing[-1][0].kind) if enclosing else ("", "")
        parts = _split_name(_text(found.name, data), found.kind)
        if not parts or len(enclosing) > _MAX_LEVELS:
            continue
        if found.kind == outer_kind == "struct" and outer_name.rpartition(".")[2] == parts[-1]:
            continue  # `typedef struct a { ... } a` names one thing twice
        qualified = ".".join(part for part in (outer_name, found.owner, *parts) if part)
        enclosing.append((found, qualified))
        if found.kind == _SCOPE:
            continue
        is_method = found.kind == "function" and (outer_kind in _HOLDS_METHODS or found.owner)
        yield Definition(
            name=parts[-1],
            qualified_name=qualified,
            kind="method" if is_method else found.kind,
            start=leads.start_of(found.node.start_point[0]) + 1,
            end=last_row(found.node) + 1,
            line=found.name.start_point[0] + 1,
        )


def _stretch_sections(definitions: Sequence[Definition], num_lines: int) -> Iterable[Definition]:
    """Where a grammar sees a heading alone (RST, HTML, underlined Markdown), its section lasts until the next one."""
    next_start = num_lines + 1
    stretched = []
    for definition in reversed(definitions):
        if definition.kind == "section":
            end = max(definition.end, next_start - 1)
            next_start = definition.start
            stretched.append(replace(definition, end=end))
        else:
            stretched.append(definition)
    return reversed(stretched)


@lru_cache(maxsize=8_192)  # most names of a file are in it many times
def clean_text(raw: bytes) -> str:
    """A name or target on one line, without the quotes or angle brackets around it."""
    text = raw.decode("utf-8", "replace")
    if text.isidentifier():
        return text[:_MAX_CHARS]
    text = " ".join(text.split())[:_MAX_CHARS]
    return text[1:-1] if _WRAPPED.fullmatch(text) else text


def _text(node: Node, data: bytes) -> str:
    return clean_text(data[node.start_byte : node.end_byte])


def _split_name(name: str, kind: str) -> tuple[str, ...]:
    """`A::B` into ("A", "B"); an operator such as `::` or `.` stays whole."""
    if kind in _FREE_TEXT or not name:
        return (name,) if name else ()
    if kind != "constant":  # Haskell's `:|`
        name = name.lstrip(":") or name  # Ruby's :symbol
    while "<" in name and (plain := _TEMPLATE_ARGUMENTS.sub("", name)) != name:
        name = plain
    parts = _SEPARATORS.split(name)
    return tuple(parts) if all(parts) else (name,)
