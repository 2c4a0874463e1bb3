"""A file of KV gives back what was written, or nothing."""

import os
from pathlib import Path

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.kv_file import (
    HEADER_BYTES,
    DamagedFileError,
    read_kv,
    write_kv,
)

_KV = bytes(range(256)) * 40
_OWNER = b"o" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "chunk.kv"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    write_kv(descriptor, memoryview(_KV), owner=_OWNER)
    os.close(descriptor)
    return path


def _read(file: Path, *, owner: bytes = _OWNER, size: int = len(_KV)) -> bytes:
    payload = bytearray(size)
    read_kv(file, memoryview(payload), owner=owner)
    return bytes(payload)


def test_what_was_written_is_read(file: Path) -> None:
    assert _read(file) == _KV
    assert file.stat().st_size == HEADER_BYTES + len(_KV)


@pytest.mark.parametrize("place", [0, 4, 12, 16, 30, HEADER_BYTES, HEADER_BYTES + 5000, HEADER_BYTES + len(_KV) - 1])
@pytest.mark.parametrize("bit", [0, 7])
def test_a_flipped_bit_is_damage(file: Path, place: int, bit: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1 << bit
    file.write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"chunk\.kv: "):
        _read(file)


@pytest.mark.parametrize("change", [-1, 1, -len(_KV)])
def test_a_file_of_another_length_is_damage(file: Path, change: int) -> None:
    with file.open("r+b") as stream:
        stream.truncate(HEADER_BYTES + len(_KV) + change)
    with pytest.raises(DamagedFileError, match="bytes long"):
        _read(file)


def test_a_file_of_another_owner_is_damage(file: Path) -> None:
    with pytest.raises(DamagedFileError, match="holds something else"):
        _read(file, owner=b"p" * 32)


def test_another_size_of_chunks_is_damage(file: Path) -> None:
    with pytest.raises(DamagedFileError, match="bytes long"):
        _read(file, size=len(_KV) + 1)


def test_a_file_that_is_not_there_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _read(tmp_path / "none.kv")
