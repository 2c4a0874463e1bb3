from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from repoask.context.pack.contents import Contents
from repoask.context.storage.row_cache import RowCache
from repoask.errors import SourceError
from repoask.ingest.types import FileEntry, Omission, Reason, Selection

_KEY = "AKIA" + "Q3EGRZ7LXTB5WNKD"


def read(repo, cache=None, *, snapshot=None, selection=None, **earlier):
    selection = selection or Selection()
    snapshot = snapshot or repo.snapshot(selection=selection)
    return Contents(snapshot, selection=selection, cache=cache, **earlier)


def texts(contents):
    return {file.path: contents.text(file) for file in contents.files}


def test_files_come_by_path_and_what_has_no_text_is_left_out_with_its_reason(repo):
    repo.write("vendor/x.js", "x")
    contents = read(repo)
    assert [file.path for file in contents.files] == ["a/one.py", "b.md", "empty.txt", "tags.html", "z.txt"]
    assert contents.omissions == (Omission("picture.bin", Reason.BINARY), Omission("vendor/x.js", Reason.VENDORED))


def test_secrets_are_withheld(repo):
    repo.write("conf.py", f'aws_access_key_id = "{_KEY}"\nname = 1\n')
    contents = read(repo)
    text = texts(contents)["conf.py"]
    assert _KEY not in text
    assert text.endswith("\nname = 1\n")


def test_what_was_read_once_is_never_read_again(repo, tmp_path):
    before = read(repo, RowCache(tmp_path / "texts", np.uint8))
    again = read(repo, RowCache(tmp_path / "texts", np.uint8))
    assert (before.num_read, again.num_read) == (6, 0)
    assert texts(again) == texts(before)
    assert again.omissions == before.omissions


def test_what_an_earlier_pack_knows_is_not_even_looked_up(repo):
    before = read(repo)
    current = {file.path: file.content for file in before.files}
    repo.write("new.py", "new = 1\n")
    contents = read(repo, known=before.unpackable, current=current)
    assert contents.num_read == 1
    assert contents.omissions == before.omissions


def test_a_damaged_cache_is_read_past(repo, tmp_path):
    read(repo, RowCache(tmp_path / "texts", np.uint8))
    for file in (tmp_path / "texts").iterdir():
        file.write_bytes(file.read_bytes()[:-7])
    assert texts(read(repo, RowCache(tmp_path / "texts", np.uint8))) == texts(read(repo))


@pytest.mark.parametrize("meddle", [Path.unlink, lambda path: path.write_text("other\n")], ids=["gone", "changed"])
def test_a_file_that_moved_meanwhile_is_an_error_with_its_name(repo, meddle):
    repo.write("untracked.py", "x = 1\n")
    snapshot = repo.snapshot()
    meddle(repo.path / "untracked.py")
    with pytest.raises(SourceError, match=r"untracked\.py: it vanished or changed"):
        read(repo, snapshot=snapshot)


def test_a_committed_file_that_changed_meanwhile_is_packed_as_it_was(repo):
    snapshot = repo.snapshot()
    repo.write("b.md", "other\n")
    assert texts(read(repo, snapshot=snapshot))["b.md"].startswith("# Größe")


def test_half_a_surrogate_pair_in_a_notebook_is_still_a_text(repo, tmp_path):
    repo.write("n.ipynb", '{"cells": [{"cell_type": "code", "source": ["x = \'\\ud800\'"]}], "nbformat": 4}')
    cache = RowCache(tmp_path / "texts", np.uint8)
    first = texts(read(repo, cache))
    first["n.ipynb"].encode()
    assert texts(read(repo, cache)) == first


def test_two_gigabytes_are_left_out_and_not_read_even_where_all_files_are_wanted(repo):
    snapshot = repo.snapshot()
    huge = FileEntry("huge.txt", "0" * 40, 2 * 10**9, on_disk=True)
    snapshot = replace(snapshot, entries=tuple(sorted((*snapshot.entries, huge), key=lambda entry: entry.path)))
    contents = read(repo, snapshot=snapshot, selection=Selection(all_files=True))
    assert Omission("huge.txt", Reason.TOO_LARGE) in contents.omissions
    assert contents.num_read == len(snapshot.entries) - 1
