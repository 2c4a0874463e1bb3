r"""Paths and texts that can stand on one line of a valid Unicode document, and the tree of folders.

Knows nothing of formats; each escapes its own delimiters.
"""

import re
from collections.abc import Iterable, Iterator

__all__ = ["directory_tree", "plain_path", "plain_text"]

# controls, what some readers take for the end of a line or for the direction of text, and what XML cannot hold
_NOT_ON_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # surrogates that stand for no byte of a path


def plain_path(path: str) -> str:
    r"""A path as one line of text: `\xNN` for a byte that is not UTF-8, `\n` and `\u2028` for what breaks a line."""
    if path.isascii() and path.isprintable():
        return path
    text = _NO_BYTE.sub("\ufffd", path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _NOT_ON_A_LINE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def plain_text(text: str) -> str:
    """A text without lone surrogates, which a notebook's JSON may hold and UTF-8 cannot."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def directory_tree(paths: Iterable[str]) -> Iterator[str]:
    """A line for each folder and file, indented by two spaces a level; folders end in a slash.

    Files come in the order of their paths, each folder once.
    """
    open_folders: list[str] = []
    for path in sorted(paths, key=lambda path: path.split("/")):
        *folders, name = path.split("/")
        shared = 0
        while shared < min(len(folders), len(open_folders)) and folders[shared] == open_folders[shared]:
            shared += 1
        for depth in range(shared, len(folders)):
            yield f"{'  ' * depth}{plain_path(folders[depth])}/"
        open_folders = folders
        yield f"{'  ' * len(folders)}{plain_path(name)}"
