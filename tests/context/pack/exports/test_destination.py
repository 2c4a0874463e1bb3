"""Where an export goes: whole or not at all, and never over what something else wrote."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from repoask.context.pack.exports.destination import check_destination, writing
from repoask.errors import InputError

OURS = (b"<ours>", b"{ours")


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def break_off(file: Path, error: type[BaseException]) -> None:
    with writing(file) as out:
        out.write(b"half")
        raise error


def test_the_file_appears_when_all_of_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "new" / "pack.txt"
    with writing(file) as out:
        out.write(b"half")
        assert not file.exists()
    assert file.read_bytes() == b"half"
    assert names(file.parent) == ["pack.txt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_breaks_off_leaves_the_file_of_before_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    file = tmp_path / "pack.txt"
    file.write_bytes(b"before")
    with pytest.raises(error):
        break_off(file, error)
    assert file.read_bytes() == b"before"
    assert names(tmp_path) == ["pack.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process")
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    # a process of its own: the limit on its files' size, which writes beyond fail at, is for good
    program = f"""
import pathlib, resource, signal
from repoask.context.pack.exports.destination import writing
from repoask.errors import InputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with writing(pathlib.Path({str(tmp_path / "pack.txt")!r})) as out:
        for _ in range(100):
            out.write(b"x" * 10_000)
except InputError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == f"{tmp_path}/pack.txt: it cannot be written (File too large); nothing was left\n"
    assert names(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_written_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with writing(check_destination(pipe, openings=OURS)) as out:
        out.write(b"through")
    reader.join(timeout=10)
    assert read == [b"through"]
    assert pipe.is_fifo()


@pytest.mark.parametrize("content", [b"", b"<ours> and more", b"{ours"])
def test_an_empty_file_and_what_an_export_wrote_may_be_overwritten(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "pack.md"
    file.write_bytes(content)
    assert check_destination(file, openings=OURS) == file


@pytest.mark.parametrize("content", [b"# My README\n", b"<our", b"{"])
def test_a_file_that_something_else_wrote_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "README.md"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"README\.md: it is there, and no pack of repoask"):
        check_destination(file, openings=OURS)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder; name a file in it"):
        check_destination(tmp_path, openings=OURS)


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_bytes(b"<ours>")
    link.symlink_to(target)
    with writing(check_destination(link, openings=OURS)) as out:
        out.write(b"<ours> new")
    assert link.is_symlink()
    assert target.read_bytes() == b"<ours> new"


def test_a_link_to_what_is_not_there_is_refused(tmp_path: Path) -> None:
    # a repository may hold one that leads to where a file of the user's would be
    link, target = tmp_path / "pack.txt", tmp_path / "home/.profile"
    link.symlink_to(target)
    with pytest.raises(InputError, match="which is not there"):
        check_destination(link, openings=OURS)
    assert not target.parent.exists()


def test_a_name_that_no_file_can_have_is_one_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop.txt"
    loop.symlink_to(loop)
    for path in (loop, Path("nul\0.txt"), tmp_path / ("x" * 300)):
        with pytest.raises(InputError), writing(check_destination(path, openings=OURS)) as out:
            out.write(b"x")
