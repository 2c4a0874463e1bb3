"""What is kept about a model on this machine: whose it is, which files make it whole. Knows neither hub nor engine."""

import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Licence", "ModelFile", "ModelRecord", "is_model_name"]

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
# what a path in a repository may not hold: separators of other systems, drives, streams, control characters
_FOREIGN = re.compile(r'[\\:<>"|?*\x00-\x1f\x7f]')
_MAX_PATH = 240

_Hash = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64}|)$")]
_Text = Annotated[str, Field(max_length=2_000)]


def is_model_name(name: str) -> bool:
    """Whether a model can be kept under it: NAME or ORG/NAME, as the hub has them."""
    parts = name.split("/")
    return len(parts) <= 2 and all(_NAME.fullmatch(part) and "--" not in part and ".." not in part for part in parts)


class _Kept(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class ModelFile(_Kept):
    """One file of a model.

    Attributes:
        path: Relative to the model's folder, with slashes.
        size: In bytes.
        sha256: Of its content, where the hub keeps it outside of git.
        blob_id: Of its content as a git blob, where the hub keeps it in git. Neither for a folder that was registered.
    """

    path: Annotated[str, Field(min_length=1, max_length=_MAX_PATH)]
    size: Annotated[int, Field(ge=0, le=10**15)]
    sha256: _Hash = ""
    blob_id: _Hash = ""

    @model_validator(mode="after")
    def _stays_inside(self) -> "ModelFile":
        parts = PurePosixPath(self.path).parts
        if self.path.startswith("/") or ".." in parts or _FOREIGN.search(self.path) or "/".join(parts) != self.path:
            raise ValueError("no path inside a model's folder")
        return self


class Licence(_Kept):
    """Under what terms a model is had.

    Attributes:
        name: As the model's card has it; "" where it has none.
        link: To its text; "" where the card has none.
        is_gated: It must be accepted on the model's page before its files are handed out.
    """

    name: _Text = ""
    link: _Text = ""
    is_gated: bool = False


class ModelRecord(_Kept):
    """A model that is on this machine, or on its way.

    Attributes:
        name: ORG/NAME on the hub, or what a folder was registered as.
        revision: The commit on the hub; "" for a folder that was registered.
        folder: Where its files lie, absolute.
        files: All that make it whole.
        is_complete: Every file was there and verified when this was written.
        order: Later ones are higher.
    """

    version: Literal[1] = 1
    name: Annotated[str, Field(max_length=200)]
    revision: Annotated[str, Field(pattern=r"^([0-9a-f]{40}|)$")] = ""
    licence: Licence = Licence()
    folder: Annotated[str, Field(min_length=1, max_length=4_096)]
    # lax: JSON has no tuples
    files: Annotated[tuple[ModelFile, ...], Field(strict=False, max_length=100_000)]
    is_complete: bool = False
    order: int = 0

    @model_validator(mode="after")
    def _has_a_name(self) -> "ModelRecord":
        if not is_model_name(self.name):
            raise ValueError("no name of a model")
        return self

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.size for file in self.files)

    def here(self) -> int:
        """Bytes of the files that are in place; what has the wrong size does not count."""
        return sum(file.size for file in self.files if _has_size(Path(self.folder, file.path), file.size))

    def is_whole(self) -> bool:
        """It was verified, and every file is still there in its size."""
        return self.is_complete and self.here() == self.size


def _has_size(file: Path, size: int) -> bool:
    try:
        return file.is_file() and file.stat().st_size == size
    except OSError:
        return False
