"""Matches paths against glob patterns with the semantics of `.gitignore`.

Knows nothing of where the patterns come from.
"""

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["IgnoreFiles", "Patterns"]

_MAX_STARS = 3


class Patterns:
    """A list of patterns, all relative to the root; a later one overrides an earlier one.

    Raises:
        InputError: one of them is malformed.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        for line in lines:
            try:
                _compile([line])
            except (ValueError, re.error) as error:
                raise InputError(
                    f"{line!a}: not a pattern; --include and --exclude take those of .gitignore"
                ) from error
        self._spec = _compile(lines)

    def match(self, path: str) -> bool:
        """Whether the path, or a folder above it, is matched."""
        return self._spec.match_file(path)


class IgnoreFiles:
    """The ignore files of a tree, each ruling its own folder; a deeper one overrides, but not inside an ignored folder.

    Args:
        texts: What each ignore file says, by its folder ("" for the root).
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._specs = {folder: _compile(filter(_is_usable, text.split("\n"))) for folder, text in texts.items()}
        self._ignored: dict[str, bool] = {"": False}

    def match(self, path: str) -> bool:
        """Whether the file is ignored."""
        return bool(self._specs) and (self._folder_ignored(path.rpartition("/")[0]) or self._verdict(path))

    def _folder_ignored(self, folder: str) -> bool:
        known = self._ignored.get(folder)
        if known is None:
            known = self._folder_ignored(folder.rpartition("/")[0]) or self._verdict(f"{folder}/")
            self._ignored[folder] = known
        return known

    def _verdict(self, path: str) -> bool:
        """What the deepest ignore file that has a word on the path says."""
        folder = path.rstrip("/").rpartition("/")[0]
        while True:
            spec = self._specs.get(folder)
            if spec is not None:
                said = spec.check_file(path[len(folder) + 1 :] if folder else path).include
                if said is not None:
                    return said
            if not folder:
                return False
            folder = folder.rpartition("/")[0]


def _is_usable(line: str) -> bool:
    """False for what git would ignore as malformed, and for what would match forever.

    The library matches with backtracking: a hostile `*a*a*a*a*b` would hang it.
    """
    segments = line.split("/")
    if max(segment.count("*") for segment in segments) > _MAX_STARS or segments.count("**") > _MAX_STARS:
        return False
    try:
        _compile([line])
    except (ValueError, re.error):
        return False
    return True


def _compile(lines: Iterable[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # 20 ms, and most runs have no pattern

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # `[[]x]` is right, and Python's `re` warns of it
        return GitIgnoreSpec.from_lines(lines)
