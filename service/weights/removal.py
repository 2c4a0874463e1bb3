"""Takes models off this machine: the files that were pulled, and nothing else that lies beside them."""

from contextlib import suppress
from pathlib import Path

from ...errors import ModelError
from .download import part_of
from .record import ModelRecord
from .store import WeightsStore

__all__ = ["remove"]


def remove(store: WeightsStore, name: str) -> tuple[ModelRecord, ...]:
    """Removes every revision of a model, or the one that is named as NAME@REVISION, also where it is not whole.

    A folder that was registered stays as it is; only its name is forgotten.

    Raises:
        ModelError: There is none, or it is being pulled.
    """
    found = store.named(name)
    if not found:
        raise ModelError(f"{name[:80]}: no such model on this machine; `repoask model list` names them")
    for record in found:
        with store.held(record.name):
            if record.revision:
                _delete_files(record)
            store.forget(record)
    return found


def _delete_files(record: ModelRecord) -> None:
    folder = Path(record.folder)
    for file in record.files:
        target = folder / file.path
        target.unlink(missing_ok=True)
        part_of(target).unlink(missing_ok=True)
    folders = {folder, *(parent for file in record.files for parent in (folder / file.path).parents)}
    for each in sorted(folders, key=lambda path: -len(path.parts)):
        if each.is_relative_to(folder):
            with suppress(OSError):  # what is not empty is not ours
                each.rmdir()
