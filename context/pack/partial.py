"""The entries of a pack that does not hold all: the outline, and a file of which some lines alone stand there.

They are written like the entries of `format.py`, by its escaping. Knows nothing of what was chosen, or why.
"""

import re
from collections.abc import Sequence

from .format import escape, path_attribute
from .ranking import Lines
from .types import Piece

__all__ = ["outline", "parts"]

_OWN_TAG = re.compile(r"<(?=\\*/?outline>)")


def outline(text: str) -> tuple[Piece, ...]:
    """What is known of the files that do not stand in full; nothing where there is no text."""
    if not text:
        return ()
    escaped = _OWN_TAG.sub(r"<\\", escape(text))
    return (Piece(f"<outline>\n{escaped}</outline>\n"),)


def parts(path: str, spans: Sequence[Lines], lines: Sequence[str]) -> tuple[Piece, ...]:
    """A file of which only some lines stand here; the tag says which, and of how many.

    Args:
        path: Of the file.
        spans: Ascending, apart from each other.
        lines: Of the file, all of them, without their line ends.
    """
    shown = " ".join(f"{start}-{end}" for start, end in spans)
    opening = f'<file path="{path_attribute(path)}" lines="{shown}" of="{len(lines)}">\n'
    body = "...\n".join("".join(f"{line}\n" for line in lines[start - 1 : end]) for start, end in spans)
    return (Piece(f"{opening}{escape(body)}</file>\n"),)
