"""Judges whether a text, or the tree made of it, is fit to be used. Knows no grammar, only where each is weak."""

import re
from collections.abc import Sequence

from tree_sitter import Node

__all__ = ["is_ridden_with_errors", "is_too_deep"]

# Real files of the right language, macro-ridden C included, stay under 0.1 errors a line (0.65 in one of 700 files of
# Redis); C read as Python has 0.6 to 1.
_MAX_ERRORS_PER_LINE = 0.3
_FEW_ERRORS = 5
# One error node may span a file whose parts were all understood; it counts only where nothing came of them.
_SWALLOWED_SHARE = 0.5

# Grammars recurse in C, and queries grow quadratic: 20,000 open brackets take Python's 8 s. Nothing that a person
# writes nests so deep.
_MAX_NESTING = 400
_ONE_BRACKET = bytes.maketrans(b"[{]}", b"(())")
_NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))
# Where indents and markers make the blocks: YAML's grammar overflows at some 300 levels, Markdown's at some 1,000.
_BLOCK_LANGUAGES = frozenset({"haskell", "markdown", "rst", "yaml"})
_DEEP_BLOCK = re.compile(rb"^(?:[ \t]|[-?:>*+](?=[ \t>])){180}", re.MULTILINE)
# `a<a<a<`: generics or comparisons, tried both ways. 20,000 of them take Java's grammar 30 s, deaf to its time limit.
_STACKED_ANGLES = b"<" * _MAX_NESTING
_ANGLES_ALONE = bytes(byte if byte == ord("<") else ord("|") for byte in range(256))
_NAMES = bytes(byte for byte in range(256) if byte > 127 or chr(byte).isalnum() or chr(byte) in "_:. \t\n")


def is_ridden_with_errors(errors: Sequence[Node], *, num_lines: int, num_bytes: int, has_definitions: bool) -> bool:
    """Whether the text is, by and large, not in the language.

    Args:
        errors: tree-sitter's ERROR nodes.
        num_lines: Of the text.
        num_bytes: Of the text.
        has_definitions: Whether any definition was seen.
    """
    if len(errors) >= _FEW_ERRORS and len(errors) > _MAX_ERRORS_PER_LINE * num_lines:
        return True
    widest = max((node.end_byte - node.start_byte for node in errors), default=0)
    return not has_definitions and widest > _SWALLOWED_SHARE * num_bytes


def is_too_deep(data: bytes, language: str) -> bool:
    """Whether brackets or blocks nest beyond anything real. Takes some 10 ms a MB."""
    if language in _BLOCK_LANGUAGES and _DEEP_BLOCK.search(data):
        return True
    brackets = data.translate(_ONE_BRACKET, _NO_BRACKETS)
    for _ in range(_MAX_NESTING):  # each turn removes the innermost pairs, at C's speed
        if b"()" not in brackets:
            break
        brackets = brackets.replace(b"()", b"")
    if brackets.count(b"(") > _MAX_NESTING:
        return True
    return _STACKED_ANGLES in data.translate(_ANGLES_ALONE, _NAMES)
