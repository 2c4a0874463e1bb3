"""What a choice holds of a snapshot, as files that a pack takes: whole ones, lines of others, and the outline.

The outline is a file like any other, so that a pack that goes on says what of it changed. Knows nothing of budgets.
"""

import hashlib
from collections.abc import Mapping, Sequence

from ...ingest.types import Omission
from .contents import Material
from .parts import Lines, parts_content, parts_text
from .selection import Chosen, Standing
from .types import PackFile

__all__ = ["OUTLINE_PATH", "ChosenContents"]

OUTLINE_PATH = ".repoask/outline.txt"
"""Where the outline stands, unless the snapshot has such a file."""

_ABOUT = """\
Made by repoask: the files of this snapshot that do not stand here in full. Of each its path, where there was room also
what it defines; of folders how many more files they have. Whatever is told here of a file, its text is not known.

"""


class ChosenContents:
    """The material of a choice.

    Attributes:
        files: Sorted by path, the outline among them.
        omissions: As of the whole: what the choice leaves out is told by the outline.
    """

    def __init__(self, whole: Material, chosen: Chosen) -> None:
        """Reads nothing yet.

        Args:
            whole: All that could be packed; its texts are asked for one at a time.
            chosen: One choice for each of its files.
        """
        self._whole = whole
        self._originals = {file.path: file for file in whole.files}
        self._lines = {each.path: each.lines for each in chosen.of(Standing.PARTS)}
        self._outline = _ABOUT + chosen.outline.text if chosen.outline.text else ""
        shown = [self._originals[each.path] for each in chosen.of(Standing.FULL)]
        shown += [_in_parts(self._originals[path], lines) for path, lines in self._lines.items()]
        if self._outline:
            shown.append(_outline_file(_outline_path(self._originals), self._outline))
        self.files: Sequence[PackFile] = tuple(sorted(shown, key=lambda file: file.path))
        self.omissions: Sequence[Omission] = whole.omissions

    def text(self, file: PackFile, /) -> str:
        """The text of one of the files.

        Raises:
            SourceError: The file vanished or changed since the snapshot was taken.
        """
        original = self._originals.get(file.path)
        if original is None:
            return self._outline
        text = self._whole.text(original)
        return parts_text(text, self._lines[file.path]) if file.path in self._lines else text


def _outline_path(taken: Mapping[str, object]) -> str:
    """A path for the outline that no file has."""
    path = OUTLINE_PATH
    while path in taken:
        path += "~"
    return path


def _in_parts(file: PackFile, spans: Sequence[Lines]) -> PackFile:
    return PackFile(file.path, parts_content(file.content, spans))


def _outline_file(path: str, text: str) -> PackFile:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PackFile(path, f"{digest}.outline")
