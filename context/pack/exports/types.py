"""What an export is made from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Export", "ExportFile"]


@dataclass(frozen=True, slots=True)
class ExportFile:
    r"""One file.

    Attributes:
        path: Relative to the source's root; bytes that are not UTF-8 as surrogate escapes.
        text: Lines ended by "\n", secrets withheld.
    """

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Export:
    """A snapshot as an export tells it.

    Attributes:
        name: Of the repository or folder.
        revision: The commit, or "" where there is none.
        paths: Of all files, in the order of `files`.
        files: Taken one at a time, once; a text is let go before the next is asked for.
        left_out: How many files are left out, by reason.
    """

    name: str
    revision: str
    paths: Sequence[str]
    files: Iterable[ExportFile]
    left_out: Mapping[str, int] = field(default_factory=dict)
