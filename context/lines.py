"""The lines of a file as citations count them: 1-based, both ends inclusive. Reads no file itself."""

from ..ingest.reader import read_text

__all__ = ["lines_between", "read_lines"]


def read_lines(path: str, data: bytes) -> list[str] | None:
    """The lines of a file's bytes, without their ends; None where they are no text."""
    decoded = read_text(path, data)
    if decoded is None:
        return None
    lines = decoded[0].split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def lines_between(lines: list[str] | None, start: int, end: int) -> list[str] | None:
    """The lines from `start` to `end`, or None where they do not all exist."""
    if lines is None or not 1 <= start <= end <= len(lines):
        return None
    return lines[start - 1 : end]
