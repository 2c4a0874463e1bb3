"""A place that a question gives, with the reason in words. Knows nothing of how it was given."""

from dataclasses import dataclass

__all__ = ["Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file row; `end` is None where one line was given."""

    file: int
    start: int
    end: int | None
    reason: str = "the place that was asked for"
