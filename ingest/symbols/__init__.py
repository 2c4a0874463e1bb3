"""Symbols by tree-sitter: definitions, references, imports and places to cut. Knows nothing of chunks or ranking."""

from .grammars import grammars_id, has_grammar
from .parser import parse

__all__ = ["grammars_id", "has_grammar", "parse"]
