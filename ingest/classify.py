"""Says from its content why a file should be left out. Knows nothing of paths, git or secrets.

What the name tells (`*.min.js`, lock files, vendored folders) is the walker's; here it is the bytes that speak.
"""

import re

from .languages import PROSE
from .types import Reason

__all__ = ["is_generated", "is_lfs_pointer", "is_minified", "unwanted"]

_LFS_OPENING = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
_LFS_MAX_BYTES = 1024

_LONG_LINE = 1_000
# Data and markup carry a long line (an embedded image, a path) in a file that is otherwise worth reading.
_LONG_LINE_MARKUP = 20_000
_MARKUP = frozenset({"json", "xml", "html", "yaml", "csv", "tsv", "sql", "svelte", "vue", "po", "notebook", "toml"})
_LONG_SHARE = 0.75
# linguist calls a script minified from a mean of 110 characters a line; measured from 200 on no hand-written one is hit
_PACKED = frozenset({"javascript", "typescript", "tsx", "css"})
_PACKED_MEAN = 200
_PACKED_MIN_CHARS = 1_000

_HEAD_CHARS = 4_000
_HEAD_LINES = 40
# A generator holds the marker of what it writes further down, in a string: only what stands before the code counts.
_FIRST_CODE = re.compile(
    r"^(?:import|from|package|use|using|require|def|class|func|fn|const|let|var|set|static|typedef|#\s*include)\b",
    re.MULTILINE,
)
_COMMENT = r"""^[ \t]*(?://|/\*|\*|\#|--|;|<!--|%|'|\(\*|\{-|"{3}|'{3}|rem\b|dnl\b)"""
_BY_MACHINE = r"(?:auto[- ]?generated|automatically[ ](?:generated|created)|machine[- ]generated|generated)"
_HANDS_OFF = r"\bdo[ ]not[ ](?:edit|modify|change|hand)"
_TOOL = (
    r"(?:protocol[ ]buffer|grpc|cython|thrift|swig|peg\.?js|jison|antlr|gnu[ ]auto|autoconf|automake|bison|flex|re2c"
    r"|ragel|openapi|swagger|sqlc|bindgen|cbindgen|mockgen|uniffi|tree-sitter|moc\b)"
)
_GENERATED = re.compile(
    rf"""{_COMMENT}(?:
        .*?(?<![\w@`"'])@(?:partially-)?generated\b
      | .*?\b{_BY_MACHINE}\b.*{_HANDS_OFF}
      | .*?{_HANDS_OFF}.*\b{_BY_MACHINE}\b
      | .*?\b{_BY_MACHINE}\b.*\n.*{_HANDS_OFF}
      | .*?{_HANDS_OFF}.*\n.*\b{_BY_MACHINE}\b
      | .*?\bthis[ ](?:file|code|module|header)[ ](?:is|was|has[ ]been)[ ](?:an?[ ])?{_BY_MACHINE}\b
      | .*?<auto-?generated\b
      | [*!\s]*auto[- ]?generated[ ](?:file|code|by|from)\b(?!\.)
      | [*!\s]*(?:\S+[ ])?generated[ ]by[ ](?:the[ ])?{_TOOL}
      | [*!\s]*a[ ](?:bison[ ]parser|lexical[ ]scanner),?[ ](?:made|generated)[ ]by\b
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# Rails writes the schema itself, and it is the first file that a person reads.
_WORTH_READING = "from the current state of the database"


def unwanted(text: str, language: str) -> Reason | None:
    """Why a decoded file is left out unless all files are wanted, or None."""
    if is_generated(text, language):
        return Reason.GENERATED
    return Reason.MINIFIED if is_minified(text, language) else None


def is_lfs_pointer(data: bytes) -> bool:
    """Whether the bytes only point to a file that Git LFS keeps elsewhere."""
    return len(data) < _LFS_MAX_BYTES and data.startswith(_LFS_OPENING) and b"\noid sha256:" in data


def is_minified(text: str, language: str) -> bool:
    """Whether nearly all of a program or data file stands in lines too long to read or cite. Prose never is."""
    if language in PROSE or len(text) <= _LONG_LINE:
        return False
    lines = text.split("\n")
    if language in _PACKED and len(text) >= _PACKED_MIN_CHARS and len(text) / len(lines) > _PACKED_MEAN:
        return True
    limit = _LONG_LINE_MARKUP if language in _MARKUP else _LONG_LINE
    lengths = list(map(len, lines))
    if max(lengths) <= limit:
        return False
    return sum(length for length in lengths if length > limit) > _LONG_SHARE * len(text)


def is_generated(text: str, language: str) -> bool:
    """Whether a comment in the head says that a program wrote the file. Prose is kept: it is written to be read."""
    if language in PROSE:
        return False
    head = text[:_HEAD_CHARS]
    # the cheap test first: nine files of ten say nothing of making or generating anything
    if "enerated" not in head and "ENERATED" not in head and "made by GNU" not in head:
        return False
    head = "\n".join(head.split("\n", _HEAD_LINES)[:_HEAD_LINES])
    if code := _FIRST_CODE.search(head):
        head = head[: code.start()]
    return _WORTH_READING not in head and _GENERATED.search(head) is not None
