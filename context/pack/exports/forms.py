"""The files that a pack can be written as: by the ending of its name, each with what it begins with.

Knows nothing of how they are written.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from ....errors import InputError
from ....ingest.types import FileEntry, Omission, Reason, Snapshot, SourceKind
from .json_document import JSON_OPENING
from .markdown import MARKDOWN_OPENING
from .xml_document import XML_OPENING

__all__ = ["TREEMAP_OPENING", "Form", "form_of", "is_continuable", "openings_of", "without_exports"]

TREEMAP_OPENING = b"<!-- Drawn by repoask. -->\n"
"""What every treemap begins with."""


class Form(StrEnum):
    """How a pack is written; the value is the ending."""

    TEXT = "txt"
    MARKDOWN = "md"
    XML = "xml"
    JSON = "json"
    IDS = "npy"


_OPENINGS = {
    Form.TEXT: b'<rules format="',
    Form.MARKDOWN: MARKDOWN_OPENING,
    Form.XML: XML_OPENING,
    Form.JSON: JSON_OPENING,
    Form.IDS: b"\x93NUMPY",
}
_BESIDE = {"json": b'{"repoask pack":', "svg": TREEMAP_OPENING}
"""What may lie beside an export."""
