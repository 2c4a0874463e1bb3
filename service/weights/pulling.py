"""Puts a model onto this machine: plans it, says what it needs, fetches, verifies, and writes it down last.

A model is the store's only when every file is in place with the hash that the hub has announced. Knows nothing of
terminals: who pulls is handed the plan, and tells it.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...errors import ModelError
from ..planning.quantities import bytes_text
from .download import fetch_file, part_of, verify_file
from .hub import Hub, HubModel
from .record import ModelFile, ModelRecord, is_model_name
from .selection import is_weights, select_files
from .store import WeightsStore
from .whole import check_named_weights, check_whole, files_of

__all__ = ["Progress", "Pull", "plan_pull", "pull", "register"]

Progress = Callable[[str, int, int], None]
"""Gets a file's name, and of all files together the megabytes that are done and those that there are."""

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Pull:
    """What is to be fetched.

    Attributes:
        model: As the hub has it.
        files: Of it, those that are taken, in this order.
        folder: Where they go, absolute.
        here: Bytes of them that are there, before anything is checked.
    """

    model: HubModel
    files: tuple[ModelFile, ...]
    folder: Path
    here: int

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.size for file in self.files)

    def record(self, *, is_complete: bool) -> ModelRecord:
        """As it is written down."""
        return ModelRecord(
            name=self.model.name,
            revision=self.model.revision,
            licence=self.model.licence,
            folder=str(self.folder),
            files=self.files,
            is_complete=is_complete,
        )


def plan_pull(
    hub: Hub,
    store: WeightsStore,
    name: str,
    *,
    revision: str | None = None,
    folder: Path | None = None,
    takes_pickled: bool = False,
) -> Pull:
    """What pulling a model comes to.

    Args:
        hub: Where it is from.
        store: Of this machine.
        name: ORG/NAME.
        revision: A branch, a tag or a commit; None for the newest.
        folder: Where its files go; None for a folder of the store's own.
        takes_pickled: Pickled weights are taken where there are no others.

    Raises:
        ModelError: It cannot be had, or there is no room for it.
    """
    model = hub.model(name, revision)
    files = select_files(model.files, name=name, takes_pickled=takes_pickled)
    place = folder.expanduser().absolute() if folder else store.place_of(model.name, model.revision)
    planned = Pull(model, files, place, sum(_here(place, file) for file in files))
    _check_room(planned)
    return planned


def pull(hub: Hub, store: WeightsStore, planned: Pull, *, progress: Progress) -> ModelRecord:
    """Fetches and verifies what is planned; files that are there already are verified and kept.

    Raises:
        ModelError: A file is not what was announced, or cannot be had. What was fetched stays; the next pull goes on.
    """
    with store.held(planned.model.name):
        done = 0
        for file in planned.files:

            def advance(count: int, named: str = file.path) -> None:
                nonlocal done
                done += count
                progress(named, done // _MB, planned.size // _MB)

            if is_weights(file):  # all that is small is there by now
                check_named_weights(planned.folder, [each.path for each in planned.files])
            target = planned.folder / file.path
            if not verify_file(target, file, advance):
                store.write(planned.record(is_complete=False))
                fetch_file(hub, planned.model, file, target, advance)
        check_whole(planned.folder)
        return store.write(planned.record(is_complete=True))


def register(store: WeightsStore, folder: Path, *, name: str | None = None) -> ModelRecord:
    """Writes down a model that lies in a folder, which stays as it is.

    Args:
        store: Of this machine.
        folder: Of a whole model.
        name: What it is asked for by; None for the folder's own name.

    Raises:
        ModelError: It is not whole, or its name cannot be one.
    """
    folder = folder.expanduser().absolute()
    check_whole(folder)
    named = name or folder.resolve().name
    if not is_model_name(named):
        raise ModelError(f"{named[:80]!r} is no name for a model (letters, digits, . _ -); give one with --name")
    with store.held(named):
        record = ModelRecord(name=named, folder=str(folder), files=files_of(folder), is_complete=True)
        return store.write(record)


def _check_room(planned: Pull) -> None:
    place = next(each for each in (planned.folder, *planned.folder.parents) if each.exists())
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        raise ModelError(f"{place}: cannot be read ({error.strerror}); name another folder with --to") from error
    needed = planned.size - planned.here
    if needed > free:
        raise ModelError(
            f"{planned.model.name}: {bytes_text(needed)} to fetch, and {bytes_text(free)} are free at {place}; make "
            "room, or name a folder on another disk with --to"
        )


def _here(folder: Path, file: ModelFile) -> int:
    target = folder / file.path
    return next((min(each.stat().st_size, file.size) for each in (target, part_of(target)) if each.is_file()), 0)
