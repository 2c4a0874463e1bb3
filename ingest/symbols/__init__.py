"""Symbols by tree-sitter: definitions, references, imports and places to cut. Knows nothing of chunks or ranking.

`parser.parse` does it; `version.grammars_id` names what it makes of a text and loads nothing.
"""
