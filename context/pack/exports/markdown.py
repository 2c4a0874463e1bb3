"""A snapshot as Markdown: the tree of folders, then each file in a fence longer than any that its text holds."""

import re
from typing import BinaryIO

from ....ingest.languages import language_of
from .openings import MARKDOWN_OPENING
from .plain import directory_tree, plain_path, plain_text
from .types import Export, ExportFile

__all__ = ["write_markdown"]

_BACKTICKS = re.compile("`+")


def write_markdown(export: Export, out: BinaryIO) -> None:
    """Writes the document, a file at a time. A text without a final newline gets one."""
    out.write(MARKDOWN_OPENING)
    out.write(f"\n# {_code(export.name)}\n".encode())
    if export.revision:
        out.write(f"\nRevision {_code(export.revision)}.\n".encode())
    if export.left_out:
        told = ", ".join(f"{count:,} {reason}" for reason, count in export.left_out.items())
        out.write(f"\nLeft out: {told}.\n".encode())
    out.write(b"\n## Directory structure\n\n")
    tree = "\n".join(directory_tree(export.paths))
    out.write(f"{_fenced(tree, '')}\n## Files\n".encode())
    for file in export.files:
        out.write(_section(file).encode())


def _section(file: ExportFile) -> str:
    return f"\n### {_code(file.path)}\n\n{_fenced(plain_text(file.text), language_of(file.path))}"


def _fenced(text: str, language: str) -> str:
    fence = "`" * max(3, 1 + _longest_run(text))
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{end}{fence}\n"


def _code(text: str) -> str:
    """A name as code, so that nothing in it is read as Markdown or HTML."""
    shown = plain_path(text)
    ticks = "`" * (1 + _longest_run(shown))
    # CommonMark takes one space off each side, and a name may begin or end with a backtick or a space
    pad = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
