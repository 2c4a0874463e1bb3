"""The model that a plan names: one of `models.json`, or a `config.json` on disk. Knows nothing of GPUs."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...errors import InputError
from .architecture import Architecture
from .model_config import architecture_of, read_architecture
from .precision import WeightPrecision

__all__ = ["Model", "built_in_models", "find_model"]


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be planned for.

    Attributes:
        name: `scout`, `maverick`, or the path of a configuration.
        aliases: Other names for it.
        title: For people.
        architecture: What decides memory and time.
        checkpoints: For each precision what vLLM is told to load; a precision that is missing is made at start.
        trained_context: The longest sequences of its training, where that is less than its context; else None.
        source: Where the architecture is from.
        folder: Where its files lie, absolute; None for one that is had by its name.
        licence: By its name; "" where it is not known.
    """

    name: str
    aliases: tuple[str, ...]
    title: str
    architecture: Architecture
    checkpoints: Mapping[WeightPrecision, str]
    trained_context: int | None
    source: str
    folder: Path | None = None
    licence: str = ""

    @property
    def precisions(self) -> tuple[WeightPrecision, ...]:
        """Those that it can be had in, the most exact first; files that are quantized already have one alone."""
        stored = self.architecture.stored
        return (stored,) if stored else tuple(WeightPrecision)


def built_in_models() -> tuple[Model, ...]:
    """Those that are known without any file."""
    return tuple(_built_in(row) for row in _unique(_known()[0]))


def find_model(name: str) -> Model:
    """The model of a name, or of the configuration at a path.

    Raises:
        InputError: Nobody knows it, its weights are not public, or its configuration cannot be read.
    """
    known, not_public = _known()
    word = name.strip().lower()
    if row := known.get(word):
        return _built_in(row)
    if row := not_public.get(word):
        names = " or ".join(row["name"] for row in _unique(known))
        raise InputError(f"{row['title']} is not public: {row['why']} ({row['date']}); plan {names}")
    path = Path(name).expanduser()
    if path.exists() or "/" in name or name.endswith(".json"):
        return _from_file(path)
    near = difflib.get_close_matches(word, [*known, *not_public], n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    names = ", ".join(row["name"] for row in _unique(known))
    raise InputError(
        f"{name[:80]}: no model that is known; {hint}known: {names}, the name of a pulled model, or the path of any "
        "config.json"
    )


@cache
def _known() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    data = json.loads(Path(__file__).with_name("models.json").read_text(encoding="utf-8"))
    return _by_name(data["models"]), _by_name(data["not_public"])


def _by_name(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {each.lower(): row for row in rows for each in (row["name"], *row["aliases"])}


def _unique(rows: Mapping[str, Any]) -> list[Any]:
    return [row for name, row in rows.items() if name == row["name"]]


def _built_in(row: Mapping[str, Any]) -> Model:
    return Model(
        name=row["name"],
        aliases=tuple(row["aliases"]),
        title=row["title"],
        architecture=architecture_of(row["config"]),
        checkpoints={WeightPrecision(each): place for each, place in row["checkpoints"].items()},
        trained_context=row["trained_context"],
        source=f"{row['source']} ({row['date']})",
        licence=row["licence"],
    )


def _from_file(path: Path) -> Model:
    architecture = read_architecture(path)
    folder = path if path.is_dir() else path.parent
    return Model(
        name=str(path),
        aliases=(),
        title=folder.absolute().name or architecture.family,
        architecture=architecture,
        checkpoints={architecture.stored or WeightPrecision.BF16: str(folder)},
        trained_context=None,
        source=str(path),
        folder=folder.absolute(),
    )
