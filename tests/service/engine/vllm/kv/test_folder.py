"""A folder of KV keeps whole files alone, under its limit, whoever else uses it."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.folder import KvFolder, chunk_path
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.kv_file import HEADER_BYTES, DamagedFileError
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.ledger import Ledger

_CHUNK = 1000
_FILE = HEADER_BYTES + _CHUNK

_PLUGIN = Path(__file__).parents[5] / "service" / "engine" / "vllm" / "plugin"

Open = Callable[..., KvFolder]


def _key(number: int, group: int = 3) -> bytes:
    return number.to_bytes(32, "big") + group.to_bytes(4, "big")


def _kv(number: int) -> memoryview:
    return memoryview(number.to_bytes(2, "big") * (_CHUNK // 2))


def _store(folder: KvFolder, *numbers: int, use_ns: int | None = None) -> list[bool]:
    """One prompt of these chunks."""
    use = folder.begin_use() if use_ns is None else use_ns
    return [folder.store(_key(number), _kv(number), use_ns=use, depth=at) for at, number in enumerate(numbers)]


def _held(folder: KvFolder, numbers: range) -> list[int]:
    return [number for number in numbers if folder.holds(_key(number))]


def _files(root: Path, pattern: str = "*.kv") -> list[Path]:
    return sorted(root.rglob(pattern))


def _bytes_on_disk(root: Path) -> int:
    return sum(file.stat().st_size for file in _files(root, "*.kv*"))


def _counted(root: Path) -> int | None:
    with Ledger(root).opened() as book:
        return book.used_bytes


@pytest.fixture
def open_folder(tmp_path: Path) -> Open:
    def opened(namespace: str = "model-1", *, chunks: float = 10, root: Path = tmp_path) -> KvFolder:
        folder = KvFolder(root, namespace, limit_bytes=int(chunks * _FILE))
        folder.settle()
        return folder

    return opened


def test_a_chunk_comes_back_in_another_process(open_folder: Open, tmp_path: Path) -> None:
    assert _store(open_folder(), 1, 2) == [True, True]
    payload = bytearray(_CHUNK)
    open_folder().load(_key(2), memoryview(payload))
    assert payload == _kv(2)
    assert _counted(tmp_path) == 2 * _FILE == _bytes_on_disk(tmp_path)


def test_nobody_else_may_read_it(open_folder: Open, tmp_path: Path) -> None:
    _store(open_folder(root=tmp_path / "kv"), 1)
    found = [tmp_path / "kv", *(tmp_path / "kv").rglob("*")]
    assert len(found) == 5, found
    assert not [path for path in found if path.stat().st_mode & 0o077]


def test_another_namespace_and_another_group_hold_nothing_of_it(open_folder: Open, tmp_path: Path) -> None:
    folder, other = open_folder(), open_folder("model-2")
    _store(folder, 1)
    assert not other.holds(_key(1))
    assert not folder.holds(_key(1, group=0))
    # not even where somebody moves the file
    moved = chunk_path(tmp_path / "model-2", _key(1))
    moved.parent.mkdir(parents=True)
    chunk_path(tmp_path / "model-1", _key(1)).rename(moved)
    with pytest.raises(DamagedFileError):
        other.load(_key(1), memoryview(bytearray(_CHUNK)))


def test_a_damaged_file_is_removed_and_no_longer_counted(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder()
    _store(folder, 1, 2)
    with chunk_path(tmp_path / "model-1", _key(1)).open("r+b") as stream:
        stream.truncate(_FILE - 1)
        stream.seek(0, os.SEEK_END)
        stream.write(b"x")
    with pytest.raises(DamagedFileError):
        folder.load(_key(1), memoryview(bytearray(_CHUNK)))
    assert (folder.holds(_key(1)), folder.holds(_key(2))) == (False, True)
    assert _counted(tmp_path) == _FILE


def test_the_longest_unused_goes_first(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder(chunks=4)
    for number in range(4):
        _store(folder, number)
    folder.touch({_key(0): 0, _key(99): 1}, use_ns=folder.begin_use())
    _store(folder, 4, 5)
    assert _held(folder, range(6)) == [0, 3, 4, 5]
    assert _counted(tmp_path) == 4 * _FILE == _bytes_on_disk(tmp_path)


def test_the_end_of_a_prompt_goes_before_its_beginning(open_folder: Open) -> None:
    folder = open_folder(chunks=4)
    _store(folder, 0, 1, 2, 3)
    _store(folder, 10, 11)
    assert _held(folder, range(12)) == [0, 1, 10, 11]


def test_a_prompt_longer_than_the_limit_keeps_its_beginning(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder(chunks=3.5)
    _store(folder, 20)
    assert _store(folder, *range(6)) == [True] * 3 + [False] * 3
    assert _held(folder, range(21)) == [0, 1, 2]
    assert _bytes_on_disk(tmp_path) <= 3.5 * _FILE


def test_the_limit_is_of_all_namespaces(open_folder: Open, tmp_path: Path) -> None:
    _store(open_folder("old-revision", chunks=4), 0, 1, 2)
    _store(open_folder("new-revision", chunks=4), 0, 1, 2)
    assert [len(_files(tmp_path / name)) for name in ("old-revision", "new-revision")] == [1, 3]


def test_a_lower_limit_holds_from_the_start(open_folder: Open, tmp_path: Path) -> None:
    _store(open_folder(), 0, 1, 2, 3)
    assert _held(open_folder(chunks=2), range(4)) == [0, 1]
    assert _counted(tmp_path) == 2 * _FILE


def test_a_clock_that_is_set_back_does_not_make_new_chunks_old(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder(chunks=3)
    in_ten_years = folder.begin_use() + 10 * 365 * 86_400 * 10**9
    _store(folder, 0, use_ns=in_ten_years)  # stored while the clock was wrong
    again = open_folder(chunks=3)
    assert again.begin_use() > in_ten_years
    for number in (1, 2, 3):
        _store(again, number)
    assert _held(again, range(4)) == [1, 2, 3]


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b"0" * 42])
def test_a_ledger_that_is_lost_is_made_anew_from_the_files(open_folder: Open, tmp_path: Path, content: bytes) -> None:
    _store(open_folder(), 0, 1)
    (tmp_path / "ledger").write_bytes(content)
    folder = open_folder(chunks=3)
    _store(folder, 2, 3)
    assert _counted(tmp_path) == 3 * _FILE == _bytes_on_disk(tmp_path)


def test_files_removed_by_hand_give_their_room_back(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder(chunks=2)
    _store(folder, 0, 1)
    for file in _files(tmp_path):
        file.unlink()
    assert _store(folder, 2, 3) == [True, True]
    assert _counted(tmp_path) == 2 * _FILE


def test_a_folder_removed_by_hand_is_made_anew(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder(root=tmp_path / "kv")
    _store(folder, 0)
    (tmp_path / "kv").rename(tmp_path / "gone")
    assert not folder.holds(_key(0))
    assert _store(folder, 1) == [True]
    assert _counted(tmp_path / "kv") == _FILE


def test_what_a_killed_writer_left_is_removed(open_folder: Open, tmp_path: Path) -> None:
    _store(open_folder(), 0)
    left = _files(tmp_path)[0].with_name("f00-3.kv.0123456789abcdef.tmp")
    left.write_bytes(b"half")
    folder = open_folder()
    assert not left.exists()
    assert _held(folder, range(2)) == [0]
    assert _counted(tmp_path) == _FILE


def test_a_full_disk_is_told_and_leaves_nothing_behind(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder()
    _store(folder, 0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE // 2, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            _store(folder, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not _files(tmp_path, "*.tmp")
    assert _counted(tmp_path) == _FILE
    assert _store(folder, 1) == [True]


_FILLER = """
import sys
from pathlib import Path
from repoask_vllm.kv.folder import KvFolder
folder = KvFolder(Path(sys.argv[1]), "model-1", limit_bytes=10**9)
folder.settle()
for number in range(1000):
    try:
        key = number.to_bytes(32, "big") + (3).to_bytes(4, "big")
        folder.store(key, memoryview(bytes(100_000)), use_ns=folder.begin_use(), depth=0)
    except OSError as error:
        folder.load((0).to_bytes(32, "big") + (3).to_bytes(4, "big"), memoryview(bytearray(100_000)))
        print(number, error.strerror, len([*Path(sys.argv[1]).rglob("*.tmp")]))
        break
"""


def test_a_disk_that_is_really_full_is_told(tmp_path: Path) -> None:
    filler = [sys.executable, "-c", _FILLER, str(tmp_path)]
    mount = ["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=1m none "$0" && exec "$@"', str(tmp_path), *filler]
    environ = {**os.environ, "PYTHONPATH": str(_PLUGIN)}
    try:
        ran = subprocess.run(mount, env=environ, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if "unshare" in ran.stderr or "mount" in ran.stderr:
        pytest.skip(f"nothing may be mounted here: {ran.stderr.strip()}")
    number, _, told = ran.stdout.strip().partition(" ")
    assert int(number) >= 8
    assert told == "No space left on device 0"


def test_a_folder_that_cannot_be_written_is_still_read(open_folder: Open, tmp_path: Path) -> None:
    _store(open_folder(root=tmp_path / "kv"), 0)
    (tmp_path / "kv" / "ledger").unlink()
    (tmp_path / "kv" / "ledger").mkdir()  # root is refused too
    folder = KvFolder(tmp_path / "kv", "model-1", limit_bytes=10 * _FILE)
    with pytest.raises(OSError, match="ledger"):
        folder.settle()
    payload = bytearray(_CHUNK)
    folder.load(_key(0), memoryview(payload))
    assert payload == _kv(0)


def test_threads_that_store_the_same_count_it_once(open_folder: Open, tmp_path: Path) -> None:
    folder = open_folder(chunks=20)
    threads = [threading.Thread(target=_store, args=(folder, *range(5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _held(folder, range(5)) == [0, 1, 2, 3, 4]
    assert _counted(tmp_path) == 5 * _FILE == _bytes_on_disk(tmp_path)


_WRITER = f"""
import sys
from pathlib import Path
from repoask_vllm.kv.folder import KvFolder
folder = KvFolder(Path(sys.argv[1]), "model-1", limit_bytes=int(sys.argv[3]))
folder.settle()
for number in range(40):
    number += int(sys.argv[2])
    key = number.to_bytes(32, "big") + (3).to_bytes(4, "big")
    kv = memoryview(number.to_bytes(2, "big") * {_CHUNK // 2})
    # has no room where all that the other has stored meanwhile was used later
    folder.store(key, kv, use_ns=folder.begin_use(), depth=0)
    try:
        folder.load(key, memoryview(bytearray({_CHUNK})))
    except FileNotFoundError:
        pass  # not stored, or the other has evicted it
"""


def test_processes_share_a_namespace_under_one_limit(tmp_path: Path) -> None:
    limit = 7 * _FILE
    writers = [
        subprocess.Popen(
            # the second half of the first is the first half of the second
            [sys.executable, "-c", _WRITER, str(tmp_path), str(begin), str(limit)],
            env={**os.environ, "PYTHONPATH": str(_PLUGIN)},
        )
        for begin in (0, 20)
    ]
    most = 0
    while any(writer.poll() is None for writer in writers):
        with Ledger(tmp_path).opened():
            most = max(most, _bytes_on_disk(tmp_path) if (tmp_path / "model-1").exists() else 0)
    assert [writer.wait() for writer in writers] == [0, 0]
    assert 0 < most <= limit
    assert not _files(tmp_path, "*.tmp")
    assert _counted(tmp_path) == _bytes_on_disk(tmp_path)
