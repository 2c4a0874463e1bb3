"""Files that stand in a pack in parts: how their contents are named, what stands there, which lines of the file it is.

Knows nothing of how parts are chosen, nor of tokens.
"""

import re
from collections.abc import Sequence

__all__ = ["Lines", "line_of_file", "parts_content", "parts_of", "parts_text", "shown_line"]

Lines = tuple[int, int]
"""First and last line, 1-based and inclusive."""

# What a file may not say of itself: it is shown with a backslash after the "[", one more than there was.
_ABOVE = re.compile(r"\[(?=\\*lines \d+-\d+ of \d+\])")
_ESCAPED = r"[\\"
_PARTS = re.compile(r"\.(\d+-\d+(?:,\d+-\d+)*)\Z")


def parts_text(text: str, spans: Sequence[Lines]) -> str:
    """These lines of a text, each span beneath a line that says which they are, which no line of the text can.

    Args:
        text: Of the whole file.
        spans: Ascending, apart from each other.
    """
    lines = text.removesuffix("\n").split("\n")
    return "".join(
        f"[lines {start}-{end} of {len(lines)}]\n"
        + "".join(f"{_ABOVE.sub(_ESCAPED, line)}\n" for line in lines[start - 1 : end])
        for start, end in spans
    )


def parts_content(content: str, spans: Sequence[Lines]) -> str:
    """Names these lines of a file, from what names the whole of it."""
    return f"{content}.{','.join(f'{start}-{end}' for start, end in spans)}"


def parts_of(content: str) -> tuple[Lines, ...]:
    """The lines that a content names; none where it is that of a whole file."""
    found = _PARTS.search(content)
    if found is None:
        return ()
    return tuple((int(start), int(end)) for start, end in (each.split("-") for each in found[1].split(",")))


def line_of_file(spans: Sequence[Lines], shown: int) -> int:
    """The line of the file that a line of `parts_text` is, both 1-based; what says which lines follow is the first."""
    for start, end in spans:
        shown -= 1  # the line above the part
        if shown <= end - start + 1:
            return start + max(shown - 1, 0)
        shown -= end - start + 1
    return spans[-1][1]


def shown_line(spans: Sequence[Lines], line: int) -> int:
    """The inverse of `line_of_file`.

    Raises:
        IndexError: The line is in none of the parts.
    """
    before = 0
    for start, end in spans:
        before += 1
        if start <= line <= end:
            return before + line - start + 1
        before += end - start + 1
    raise IndexError(f"line {line} is not among those shown")
