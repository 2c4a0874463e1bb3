"""Finds the model that a name stands for: a built-in one, one of this machine's, or the configuration at a path."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import InputError, ModelError
from ..planning.models import Model, built_in_models, find_model
from ..planning.precision import WeightPrecision
from .record import is_model_name
from .store import WeightsStore

__all__ = ["ListedModel", "is_built_in", "list_models", "lookup_model"]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model that can be named.

    Attributes:
        name: What it is asked for by.
        revision: The commit on the hub; "" where there is none.
        licence: By its name; "" where it is not known.
        size: Of its files, in bytes; of a built-in one, of its weights in full precision.
        precision: `BF16`, or how its files are quantized: `INT4 (AWQ)`.
        parameters: All of them; None where its configuration cannot be read.
        folder: Where it lies; "" for one that vLLM fetches.
        is_complete: All its files are there.
        is_built_in: repoask knows it without any file.
    """

    name: str
    revision: str
    licence: str
    size: int
    precision: str
    parameters: int | None
    folder: str
    is_complete: bool
    is_built_in: bool = False


def lookup_model(name: str, store: WeightsStore) -> Model:
    """The model of a name: a built-in one, from this machine where it was pulled; one that was pulled; or a path.

    Raises:
        InputError: Nobody knows it, or it is here in part only.
    """
    if built_in := _built_in(name):
        here = {precision: _place(place, store) for precision, place in built_in.checkpoints.items()}
        return replace(built_in, checkpoints=here)
    if record := store.find(name):
        found = find_model(record.folder)
        return replace(found, name=record.name, title=record.name, source=f"{record.folder}/config.json")
    try:
        return find_model(name)
    except InputError as error:
        if "/" in name and is_model_name(name) and not name.endswith(".json") and not Path(name).exists():
            raise ModelError(f"{name}: not on this machine; fetch it with: repoask model pull {name}") from error
        raise


def is_built_in(name: str) -> bool:
    """Whether a name is taken by a model that is known without any file."""
    return _built_in(name) is not None


def list_models(store: WeightsStore) -> tuple[ListedModel, ...]:
    """Those of this machine by name, then the built-in ones."""
    pulled = []
    for record in store.records():
        try:
            architecture = find_model(record.folder).architecture
        except InputError:
            architecture = None
        pulled.append(
            ListedModel(
                name=record.name,
                revision=record.revision,
                licence=record.licence.name,
                size=record.size,
                precision=(architecture.quantization or "BF16") if architecture else "",
                parameters=architecture.parameters.total if architecture else None,
                folder=record.folder,
                is_complete=record.is_whole(),
            )
        )
    return (*pulled, *(_listed(model, store) for model in built_in_models()))


def _built_in(name: str) -> Model | None:
    word = name.strip().lower()
    names = ((model, (model.name, *model.aliases)) for model in built_in_models())
    return next((model for model, own in names if word in (each.lower() for each in own)), None)


def _place(checkpoint: str, store: WeightsStore) -> str:
    try:
        record = store.find(checkpoint)
    except ModelError:  # in part: vLLM fetches what it needs itself
        return checkpoint
    return record.folder if record else checkpoint


def _listed(model: Model, store: WeightsStore) -> ListedModel:
    here: Sequence[str] = [place for each in model.checkpoints.values() if (place := _place(each, store)) != each]
    return ListedModel(
        name=model.name,
        revision="",
        licence=model.licence,
        size=model.architecture.parameters.bytes(WeightPrecision.BF16),
        precision="BF16",
        parameters=model.architecture.parameters.total,
        folder=here[0] if here else "",
        is_complete=bool(here),
        is_built_in=True,
    )
