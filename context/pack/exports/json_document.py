"""A snapshot as one JSON object, with a file a line: `jq -r '.files[] | .path'`, or `grep` where jq is not at hand."""

import json
from typing import BinaryIO

from .openings import JSON_OPENING
from .plain import directory_tree, plain_path, plain_text
from .types import Export

__all__ = ["write_json"]


def write_json(export: Export, out: BinaryIO) -> None:
    """Writes the object, a file at a time. Files are a list: two paths that print alike are still two."""
    head = {
        "name": plain_path(export.name),
        "revision": export.revision or None,
        "left_out": dict(export.left_out),
        "directory_structure": "".join(f"{line}\n" for line in directory_tree(export.paths)),
    }
    out.write(JSON_OPENING + _bytes(head)[1:-1] + b', "files": [')
    separator = b"\n"
    for file in export.files:
        out.write(separator + _bytes({"path": plain_path(file.path), "text": plain_text(file.text)}))
        separator = b",\n"
    out.write(b"\n]}\n")


def _bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
