"""Renders places for a person or a pipe, one a line. Knows nothing of how they were found."""

from collections.abc import Iterator, Sequence

from ...context.citations import shown_path
from ...context.types import Evidence
from .clean import clean_line
from .ink import Ink

__all__ = ["render_places"]


def render_places(evidence: Sequence[Evidence], *, ink: Ink, with_reasons: bool) -> str:
    """`path:start-end  symbol`, best first, with the reasons beneath where they are wanted."""
    return "".join(f"{line}\n" for item in evidence for line in _lines(item, ink, with_reasons=with_reasons))


def _lines(item: Evidence, ink: Ink, *, with_reasons: bool) -> Iterator[str]:
    symbol = f"  {clean_line(item.symbol)}" if item.symbol else ""
    yield ink.place(f"{clean_line(shown_path(item.path))}:{item.start}-{item.end}") + symbol
    if with_reasons:
        yield ink.dim(f"  {clean_line('; '.join(item.reasons))}")
