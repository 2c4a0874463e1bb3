"""Where the models of this machine are written down, one record each; their files lie beside it or elsewhere.

    models/ORG--NAME/COMMIT.json   the record, written last: a model without it, or with one that says so, is not whole
    models/ORG--NAME/COMMIT/       its files, unless they were asked for elsewhere
    models/NAME/local.json         a folder that was registered where it lies

Knows nothing of the hub.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from ...context.storage.replacement import replace_file
from ...errors import ModelError
from .record import ModelRecord, is_model_name

__all__ = ["WeightsStore"]

_LOCAL = "local"
_MAX_BYTES = 50_000_000

_log = logging.getLogger(__name__)


class WeightsStore:
    """The models of one folder."""

    def __init__(self, folder: Path) -> None:
        """Reads and writes nothing yet; the folder need not be there."""
        self._folder = folder.expanduser().absolute()

    @property
    def folder(self) -> Path:
        """Where it is, absolute."""
        return self._folder

    def records(self) -> tuple[ModelRecord, ...]:
        """All that are written down, by name, the last pulled of each first."""
        found = [record for file in sorted(self._folder.glob("*/*.json")) if (record := _read(file))]
        return tuple(sorted(found, key=lambda each: (each.name.lower(), -each.order, each.revision)))

    def find(self, name: str) -> ModelRecord | None:
        """The model of a name, or of NAME@REVISION with the first digits of a commit; the last pulled that is whole.

        Raises:
            ModelError: It is here in part only.
        """
        named = self.named(name)
        whole = next((each for each in named if each.is_whole()), None)
        if whole is None and named:
            raise ModelError(f"{name}: {_lacks(named[0])}")
        return whole

    def named(self, name: str) -> tuple[ModelRecord, ...]:
        """All of a name, or of NAME@REVISION, whole or not, the last pulled first."""
        wanted, _, revision = name.strip().lower().partition("@")
        if not is_model_name(wanted):
            return ()
        named = (each for each in self.records() if each.name.lower() == wanted)
        return tuple(each for each in named if each.revision.startswith(revision))

    def forget(self, record: ModelRecord) -> None:
        """Takes a record out; files stay."""
        self._file(record).unlink(missing_ok=True)

    def place_of(self, name: str, revision: str) -> Path:
        """Where the files of a model lie, unless they are asked for elsewhere."""
        return self._of(name) / revision

    def write(self, record: ModelRecord) -> ModelRecord:
        """Writes a record down as the last one; what was pulled into the same folder before is none any more."""
        known = self.records()
        record = record.model_copy(update={"order": max((each.order for each in known), default=0) + 1})
        file = self._file(record)
        replace_file(file, record.model_dump_json(indent=1).encode())
        for other in known if record.revision else ():
            if other.folder == record.folder and self._file(other) != file:
                self._file(other).unlink(missing_ok=True)
        return record

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Keeps other processes from pulling the same model meanwhile.

        Raises:
            ModelError: One does, or the folder cannot be written.
        """
        try:
            self._of(name).mkdir(parents=True, exist_ok=True)
            with FileLock(self._of(name) / ".lock", timeout=0):
                yield
        except Timeout as error:
            raise ModelError(f"{name}: another repoask is pulling it; wait for that one") from error
        except OSError as error:
            raise ModelError(
                f"{self._folder}: cannot be written ({error.strerror}); name another --models-dir"
            ) from error

    def _of(self, name: str) -> Path:
        return self._folder / name.replace("/", "--")

    def _file(self, record: ModelRecord) -> Path:
        return self._of(record.name) / f"{record.revision or _LOCAL}.json"


def _lacks(record: ModelRecord) -> str:
    if record.revision:
        return f"is pulled in part; go on with: repoask model pull {record.name} --revision {record.revision}"
    return f"files have changed or gone from {record.folder}; register it anew: repoask model pull {record.folder}"


def _read(file: Path) -> ModelRecord | None:
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise ValueError("too large")
        return ModelRecord.model_validate_json(file.read_bytes())
    except OSError:
        return None
    except (ValidationError, ValueError):
        _log.warning("%s is damaged and passed over; pull its model again", file)
        return None
