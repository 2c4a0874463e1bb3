import numpy as np
import pytest
from repoask.context.storage.array_file import DamagedFileError, read_arrays, write_arrays
from repoask.context.storage.replacement import replace_file


def test_arrays_and_meta_come_back_as_they_were(tmp_path):
    arrays = {
        "numbers": np.arange(7, dtype=np.uint64),
        "rows": np.ones((3, 4), np.float32),
        "none": np.zeros((0, 64), np.float32),
        "bytes": np.frombuffer(b"text", np.uint8),
    }
    write_arrays(tmp_path / "deep" / "a.img", arrays, {"path": "caf\udce9", "list": [1, None]})
    found, meta = read_arrays(tmp_path / "deep" / "a.img")
    assert meta == {"path": "caf\udce9", "list": [1, None]}
    assert {name: (array.dtype, array.shape) for name, array in found.items()} == {
        name: (array.dtype, array.shape) for name, array in arrays.items()
    }
    assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    assert not found["numbers"].flags.writeable


@pytest.mark.parametrize("size", [0, 5, 40, 300])
def test_a_file_cut_off_is_damaged(tmp_path, size):
    path = tmp_path / "a.img"
    write_arrays(path, {"numbers": np.arange(100)})
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DamagedFileError):
        read_arrays(path)


@pytest.mark.parametrize("position", [0, 9, 30, -1])
def test_one_flipped_byte_of_a_small_file_is_damage(tmp_path, position):
    path = tmp_path / "a.img"
    write_arrays(path, {"numbers": np.arange(100)})
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DamagedFileError):
        read_arrays(path)


def test_a_large_file_is_read_without_its_sum(tmp_path):
    path = tmp_path / "a.img"
    numbers = np.arange(1 << 18)
    write_arrays(path, {"numbers": numbers})
    assert np.array_equal(read_arrays(path)[0]["numbers"], numbers)


def test_a_write_that_fails_leaves_nothing(tmp_path):
    dates = np.zeros(3, "datetime64[s]")  # found out after the file was opened
    with pytest.raises(ValueError, match="dtype"):
        write_arrays(tmp_path / "a.img", {"dates": dates})
    assert not list(tmp_path.iterdir())


def test_a_folder_in_a_files_place_is_damage_and_gives_way(tmp_path):
    path = tmp_path / "a.img"
    (path / "inside").mkdir(parents=True)
    with pytest.raises(DamagedFileError):
        read_arrays(path)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_replacing_keeps_a_mapped_file_readable(tmp_path):
    path = tmp_path / "a.img"
    write_arrays(path, {"numbers": np.arange(5)})
    before, _ = read_arrays(path)
    write_arrays(path, {"numbers": np.arange(5) + 10})
    assert before["numbers"].tolist() == [0, 1, 2, 3, 4]
    assert read_arrays(path)[0]["numbers"].tolist() == [10, 11, 12, 13, 14]
