"""Matches paths against glob patterns with the semantics of `.gitignore`.

Knows nothing of where the patterns come from.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["IgnoreFiles", "Patterns"]


class Patterns:
    """A list of patterns, all relative to the root; a later one overrides an earlier one."""

    def __init__(self, lines: Iterable[str]) -> None:
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
        self._specs = {folder: _compile(text.split("\n")) for folder, text in texts.items()}
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


def _compile(lines: Iterable[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # 20 ms, and most runs have no pattern

    return GitIgnoreSpec.from_lines(lines)
