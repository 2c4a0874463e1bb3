"""Reads the bytes of a file into a Document, or says why not. Knows nothing of git, indexes or where bytes come from.

The steps: decode, turn a document format into lines, classify, withhold secrets. Line numbers stay those of the bytes.
A step is imported when it is reached: a warm question reads only the text of what it cites.
"""

import hashlib
import re

from .languages import NOTEBOOK, interpreter_language, language_of
from .text import decode, is_binary
from .types import Document, Reason, Selection

__all__ = ["TRANSFORM_VERSION", "read_document", "read_text", "transform_id"]

TRANSFORM_VERSION = 2
"""Raised whenever the same bytes would become another Document; an index made by an older one is then built anew."""

# A header ends in .h in C and C++ alike; these open a line in C++ alone.
_CPP_LINE = re.compile(
    r"^[ \t]*(?:class\s+\w+[^;\n(]*(?:\{|:|$)|namespace\b|template\s*<|using\s+(?:namespace\s+)?[\w:]+\s*[=;]"
    r"|(?:public|private|protected)\s*:"
    r"|#\s*include\s*<(?:string|vector|memory|map|utility|functional|cstd\w+|iostream|algorithm)>)",
    re.MULTILINE,
)
_GUARDED_CPP = "__cplusplus"


def transform_id(selection: Selection) -> str:
    """Names all that decides what bytes become: this code's version, the secret rules, the selection's own flags."""
    from .secrets import rules_hash

    rules = "" if selection.allow_secrets else rules_hash()
    parts = f"{TRANSFORM_VERSION}:{rules}:{selection.all_files:d}"
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def read_text(path: str, data: bytes) -> tuple[str, str] | None:
    """The lines of a file and their encoding, secrets included: what a citation is checked against.

    None when the bytes are binary or cannot be decoded.
    """
    decoded = decode(data)
    if decoded is None or language_of(path) != NOTEBOOK:
        return decoded
    from .documents.notebook import read_notebook

    return read_notebook(decoded[0]).text, decoded[1]


def read_document(path: str, data: bytes, *, selection: Selection) -> Document | Reason:
    """The Document that a file's bytes hold, or why it is left out."""
    from . import classify, secrets

    if not selection.all_files and classify.is_lfs_pointer(data):
        return Reason.LFS_POINTER
    decoded = decode(data)
    if decoded is None:
        return Reason.BINARY if is_binary(data) else Reason.UNDECODABLE
    text, encoding = decoded
    language = language_of(path)
    if language == NOTEBOOK:
        from .documents.notebook import read_notebook

        notebook = read_notebook(text)
        text, language = notebook.text, notebook.language
    else:
        language = _refine(language, text)
        if not selection.all_files and (reason := classify.unwanted(text, language)):
            return reason
    if selection.allow_secrets:
        return Document(text=text, language=language, encoding=encoding)
    masked = secrets.withhold(text)
    return Document(text=masked.text, language=language, encoding=encoding, withheld=masked.lines, shape=masked.shape)


def _refine(language: str, text: str) -> str:
    """What the text tells beyond the path. Depends on the path's language alone, which the index keys on."""
    if not language:
        return interpreter_language(text.split("\n", 1)[0])
    if language == "c" and _GUARDED_CPP not in text and _CPP_LINE.search(text):
        return "cpp"
    return language
