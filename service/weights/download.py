"""Fetches one file of a model: goes on where an earlier try ended, and puts it in place only when its hash is right.

Bytes come under the file's name with `.part` behind it. No more of them is taken than the hub has announced. Knows
nothing of which files make a model.
"""

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ...errors import ModelError
from .hub import Hub, HubModel
from .record import ModelFile

if TYPE_CHECKING:
    from hashlib import _Hash

    import httpx2

__all__ = ["Advance", "fetch_file", "part_of", "verify_file"]

Advance = Callable[[int], None]
"""Gets the number of bytes that were got, or checked; a negative one where they have to be got once more."""

_BLOCK = 1 << 20
# tries in a row that bring not one byte
_MAX_BARREN = 3


def part_of(file: Path) -> Path:
    """What a file is called until it is whole."""
    return file.with_name(f"{file.name}.part")


def verify_file(path: Path, file: ModelFile, advance: Advance) -> bool:
    """Whether the file that lies there is this one, by its hash; `advance` is taken back where it is not."""
    try:
        if path.stat().st_size != file.size:
            return False
        with path.open("rb") as stream:
            digest = _digest(file)
            _read_into(digest, stream, advance)
    except OSError:
        return False
    if digest.hexdigest() == _expected(file):
        return True
    advance(-file.size)
    return False


def fetch_file(hub: Hub, model: HubModel, file: ModelFile, target: Path, advance: Advance) -> None:
    """Fetches a file to `target`, whose folder is made.

    Raises:
        ModelError: The hub does not hand it out, it is not what the hub has announced, or it cannot be written. What
            was received stays, unless its hash is wrong.
    """
    part = part_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("a+b") as stream:
            digest = _resume(stream, file, advance)
            digest = _receive(hub, model, file, stream, digest, advance)
            os.fsync(stream.fileno())  # the record that it is whole must not outlive a power cut alone
        if digest.hexdigest() != _expected(file):
            part.unlink()
            raise ModelError(
                f"{model.name}: {file.path} is not what the hub has announced: its {digest.name} is "
                f"{digest.hexdigest()}, not {_expected(file)}; it was deleted, pull again"
            )
        part.replace(target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelError(f"{target.parent}: the disk is full; make room, and pull again to go on") from error
        raise ModelError(f"{target}: cannot be written ({error.strerror}); name another folder with --to") from error


def _resume(stream: BinaryIO, file: ModelFile, advance: Advance) -> "_Hash":
    """Takes over what an earlier try has left, where it can be the beginning of the file."""
    digest = _digest(file)
    stream.seek(0)
    if stream.seek(0, 2) > file.size:
        stream.truncate(0)
    stream.seek(0)
    _read_into(digest, stream, advance)
    return digest


def _receive(
    hub: Hub, model: HubModel, file: ModelFile, stream: BinaryIO, digest: "_Hash", advance: Advance
) -> "_Hash":
    """Appends what is missing, however often the connection breaks off, as long as each try brings something."""
    import httpx2

    barren = 0
    while (had := stream.seek(0, 2)) < file.size:
        try:
            with hub.opened(model, file, begin=had) as response:
                if had and response.status_code != httpx2.codes.PARTIAL_CONTENT:
                    stream.truncate(0)  # ranges are not known there
                    advance(-had)
                    had, digest = 0, _digest(file)
                with suppress(httpx2.TransportError):  # the next try goes on
                    _append(model, file, stream, digest, response, advance)
        finally:
            stream.flush()
        barren = 0 if stream.seek(0, 2) > had else barren + 1
        if barren > _MAX_BARREN:
            raise ModelError(f"{model.name}: {file.path} breaks off again and again; pull once more to go on")
    return digest


def _append(
    model: HubModel, file: ModelFile, stream: BinaryIO, digest: "_Hash", response: "httpx2.Response", advance: Advance
) -> None:
    room = file.size - stream.seek(0, 2)
    for block in response.iter_raw():  # as it comes: of whole blocks the last would be lost with the connection
        if len(block) > room:
            raise ModelError(
                f"{model.name}: {file.path} is longer than the {file.size:,} bytes that the hub has announced"
            )
        stream.write(block)
        digest.update(block)
        advance(len(block))
        room -= len(block)


def _read_into(digest: "_Hash", stream: BinaryIO, advance: Advance) -> None:
    while block := stream.read(_BLOCK):
        digest.update(block)
        advance(len(block))


def _digest(file: ModelFile) -> "_Hash":
    """SHA-256 of the content, or git's hash of a blob, which begins with its kind and length."""
    if file.sha256:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)


def _expected(file: ModelFile) -> str:
    return file.sha256 or file.blob_id
