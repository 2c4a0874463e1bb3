"""Symbols by tree-sitter: definitions, references, imports and places to cut. Knows nothing of chunks or ranking."""
