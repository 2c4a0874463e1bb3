"""Numbers in words, as the receipts say them. Knows nothing of what is counted."""

from collections.abc import Mapping

__all__ = ["count_of", "left_out"]


def count_of(number: int, noun: str) -> str:
    """A number and its noun: "1 file", "1,234 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def left_out(counts: Mapping[str, int]) -> str:
    """How many files are left out, and how many for each reason, the most frequent first."""
    kinds = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return f"{sum(counts.values()):,} left out ({', '.join(f'{count:,} {kind}' for kind, count in kinds)})"
