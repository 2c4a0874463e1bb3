"""What a snapshot has that a log lacks, and the other way round. Knows contents by their names alone, and no texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .types import PackFile

__all__ = ["Differences", "find_differences"]


@dataclass(frozen=True, slots=True)
class Differences:
    """Paths that came, went, or have another content."""

    come: Sequence[str]
    gone: Sequence[str]
    changed: Sequence[str]

    @property
    def none(self) -> bool:
        """Whether there are none."""
        return not (self.come or self.gone or self.changed)


def find_differences(
    held: Mapping[str, Sequence[int]], contents: Sequence[str], target: Mapping[str, PackFile]
) -> Differences:
    """From what is held to a snapshot.

    Args:
        held: Path -> the numbers of a file's sections; the last one brings its version.
        contents: Of each section, by its number.
        target: Path -> file.
    """
    come: list[str] = []
    changed: list[str] = []
    for path, new in target.items():
        sections = held.get(path)
        if sections is None:
            come.append(path)
        elif contents[sections[-1]] != new.content:
            changed.append(path)
    num_kept = len(target) - len(come)
    gone = [path for path in held if path not in target] if len(held) > num_kept else []
    return Differences(come, gone, changed)
