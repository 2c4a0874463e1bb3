"""Tells which models can be named, as a table or as JSON. Knows nothing of how they are kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from ..planning.quantities import bytes_text, count_text
from ..weights.lookup import ListedModel
from .clean import clean_line

__all__ = ["render_models", "render_models_json"]

_HEAD = ("NAME", "REVISION", "LICENCE", "SIZE", "PRECISION", "PARAMETERS", "WHERE")
_SHORT = 12


def render_models(models: Sequence[ListedModel]) -> str:
    """A row a model, in columns; what is not whole says so where it lies."""
    rows = [_HEAD, *(_row(model) for model in models)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )


def render_models_json(models: Sequence[ListedModel]) -> str:
    """The same as one JSON object, `{"models": [...]}`."""
    return json.dumps({"models": [asdict(model) for model in models]}, indent=1) + "\n"


def _row(model: ListedModel) -> tuple[str, ...]:
    parameters = count_text(model.parameters) if model.parameters is not None else "?"
    cells = (
        model.name,
        model.revision[:_SHORT] or "-",
        model.licence or "-",
        bytes_text(model.size),
        model.precision or "?",
        parameters,
        _where(model),
    )
    return tuple(clean_line(cell) for cell in cells)


def _where(model: ListedModel) -> str:
    if model.is_built_in and not model.folder:
        return "built in; fetched by vLLM"
    return model.folder + ("" if model.is_complete else " (not whole: pull it again)")
