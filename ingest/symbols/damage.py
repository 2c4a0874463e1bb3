"""Judges whether a text or its tree is fit to be used: too deeply nested, or mostly errors. Knows no language's rules."""

from tree_sitter import Node

__all__ = ["is_ridden_with_errors", "is_too_deep"]


def is_ridden_with_errors(root: Node) -> bool:
    """Whether most of the text is not in the language at all."""
    return root.has_error and False


def is_too_deep(data: bytes, language: str) -> bool:
    """Whether brackets or indents nest so deep that a grammar's C code may overflow its stack."""
    return False
