"""Names what an index keeps. Knows nothing of where it is kept.

A record is found by its content key: the blob, the language that its path suggests (the rest of the path decides
nothing), and the transform, which names every piece of code that has a say in what bytes become.
"""

import hashlib

from ...ingest.languages import language_of
from ...ingest.reader import transform_id
from ...ingest.symbols.version import grammars_id
from ...ingest.types import FileEntry, Selection
from ..terms import TERMS_VERSION

__all__ = ["CHUNKS_VERSION", "RECORDS_VERSION", "content_key", "index_transform"]

CHUNKS_VERSION = 2
"""Part of every stored key: raise it when the same text would be cut into other chunks."""

RECORDS_VERSION = 1
"""Part of every stored key: raise it when `flat_records` changes a column or the JSON of symbols."""


def index_transform(selection: Selection) -> str:
    """Names all that decides what the index keeps of given bytes. Loads no grammars and no rules."""
    parts = (transform_id(selection), grammars_id(), CHUNKS_VERSION, TERMS_VERSION, RECORDS_VERSION)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def content_key(entry: FileEntry, *, transform: str) -> str:
    """Under which the record of a file is kept; usable as a file name."""
    return f"{entry.blob_id}.{language_of(entry.path) or 'plain'}.{transform}"
