"""Makes the entry that gives a file: whole, or as a patch of the version before. Knows nothing of the log around it."""

from collections.abc import Callable

from .entries import Row
from .format import file, patch, split_lines
from .hunks import find_hunks, widen
from .types import EntryKind, PackFile

__all__ = ["file_row", "patch_row"]

# Files this small are given whole: a patch's tags would cost as much.
_WHOLE_CHARS = 400
# A patch over this part of the file is no gain over the file.
_WHOLE_SHARE = 0.7


def file_row(new: PackFile, text: str) -> Row:
    """The whole file."""
    lines, _ = split_lines(text)
    pieces = file(new.path, text, new.content)
    return Row(EntryKind.FILE, pieces, new.path, new.content, num_lines=len(lines), num_chars=len(text))


def patch_row(new: PackFile, text: str, old_text: Callable[[], str]) -> Row | None:
    """The patch that makes a file the one given; None where the whole is better.

    Args:
        new: The file.
        text: Its text.
        old_text: Gives the text of the version before.
    """
    if len(text) <= _WHOLE_CHARS:
        return None
    lines, newline = split_lines(text)
    hunks = tuple(widen(find_hunks(split_lines(old_text())[0], lines), lines))
    brought = sum(len(line) + 1 for hunk in hunks for line in lines[hunk.new_start : hunk.new_end])
    if brought >= _WHOLE_SHARE * len(text):
        return None
    pieces = patch(new.path, hunks, lines, newline)
    return Row(EntryKind.PATCH, pieces, new.path, new.content, num_chars=brought, hunks=hunks)
