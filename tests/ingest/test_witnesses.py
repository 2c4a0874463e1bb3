"""States and names: equal only while nothing was written, came or went."""

import os
from pathlib import Path

import pytest
from repoask.ingest.witnesses import RACY_NS, are_settled, look_at, names_in


def test_a_state_has_five_numbers_and_zeros_for_what_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("xyz")
    status = file.stat()
    states = look_at([str(file), str(tmp_path / "gone"), f"{file}/below"])
    assert states[:5] == [status.st_mode, 3, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    assert states[5:] == [0] * 10


def test_a_symlink_is_itself_or_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("xyz")
    (tmp_path / "link").symlink_to("a")
    a, link = str(tmp_path / "a"), str(tmp_path / "link")
    assert look_at([link]) != look_at([a]) == look_at([link], follow=True)


def test_names_tell_folders_symlinks_and_files_apart(tmp_path: Path) -> None:
    def digest_of(kind: str) -> str:
        folder = tmp_path / kind
        folder.mkdir()
        match kind:
            case "folder":
                (folder / "a").mkdir()
            case "symlink":
                (folder / "a").symlink_to("nowhere")
            case "file":
                (folder / "a").touch()
        return names_in([str(folder)])

    assert len({digest_of(kind) for kind in ("folder", "symlink", "file", "none")}) == 4


def test_names_belong_to_their_folder_whatever_the_order_on_disk(tmp_path: Path) -> None:
    for folder, names in (("one", "ab"), ("two", "ba"), ("three", "a"), ("four", "b")):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).touch()
    one, two, three, four = (str(tmp_path / name) for name in ("one", "two", "three", "four"))
    assert names_in([one]) == names_in([two]) != names_in([three, four])
    assert names_in([three, four]) != names_in([four, three])


def test_names_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9")).touch()
    assert names_in([str(tmp_path)]) != names_in([])


@pytest.mark.parametrize(("changed", "settled"), [(1_000, True), (1_000 + RACY_NS, False), (9 * RACY_NS, False)])
def test_what_changed_within_the_margin_is_not_settled(changed: int, settled: bool) -> None:
    before = 1_001 + RACY_NS
    assert are_settled([1, 1, 0, changed, 1], before_ns=before) is settled
    assert are_settled([1, 1, changed, 0, 1, 0, 0, 0, 0, 0], before_ns=before) is settled
    assert are_settled([], before_ns=before)
