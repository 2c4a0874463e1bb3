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


def find_differences(held: Mapping[str, str], target: Mapping[str, PackFile]) -> Differences:
    """From what is held (path -> content) to a snapshot (path -> file)."""
    come: list[str] = []
    changed: list[str] = []
    for path, new in target.items():
        content = held.get(path)
        if content is None:
            come.append(path)
        elif content != new.content:
            changed.append(path)
    return Differences(come, [path for path in held if path not in target], changed)
