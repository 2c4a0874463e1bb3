"""Files are read without ever leaving the folder, and hashed as git does."""

import os

import pytest
from repoask.ingest.disk import Folders, blob_id_of, matching_bytes, read_file


@pytest.mark.parametrize("data", [b"", b"text\n", b"\0\xff\r\n"])
@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_blob_id_is_that_of_git(make_repo, data, object_format):
    repo = make_repo("repo", f"--object-format={object_format}")
    assert blob_id_of(data, object_format=object_format) == repo.git("hash-object", "--stdin", stdin=data)


def test_bytes_match_an_id_as_they_are_or_with_the_line_ends_git_stores():
    stored = blob_id_of(b"a\nb\n", object_format="sha1")
    assert matching_bytes(b"a\nb\n", stored) == b"a\nb\n"
    assert matching_bytes(b"a\r\nb\r\n", stored) == b"a\nb\n"
    assert matching_bytes(b"a\nc\n", stored) is None
    raw = blob_id_of(b"a\r\nb\r\n", object_format="sha256")
    assert matching_bytes(b"a\r\nb\r\n", raw) == b"a\r\nb\r\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_only_regular_files_under_real_folders_are_read(tmp_path):
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "folder/a").write_bytes(b"a")
    (tmp_path / "private").write_bytes(b"private")
    (root / "link").symlink_to(tmp_path / "private")
    (root / "linked").symlink_to(root / "folder")
    os.mkfifo(root / "pipe")
    assert read_file(root, "folder/a") == b"a"
    for path in ("link", "linked/a", "pipe", "folder", "nowhere", "nowhere/a", "folder/a/b"):
        assert read_file(root, path) is None


def test_folders_are_real_down_from_the_root(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    folders = Folders(tmp_path)
    assert [folders.are_real(path) for path in ("", "a", "a/b", "link", "link/b", "a/c", "x\0y")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
