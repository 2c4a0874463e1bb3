"""Renames between commits, as git finds them, whatever the repository's own settings are."""

from pathlib import Path
from typing import Any

from repoask.ingest.renames import renames_between
from repoask.ingest.sources import open_source

TEXT = "".join(f"line {number}\n" for number in range(20))


def test_a_file_that_was_renamed_and_edited_is_known_by_both_its_names(repo: Any) -> None:
    repo.write("täst/old.py", TEXT)
    repo.write("stays.py", "x = 1\n")
    old = repo.commit()
    repo.git("mv", "täst/old.py", "new name.py")
    repo.write("new name.py", f"first\n{TEXT}")
    repo.write("stays.py", "x = 2\n")
    new = repo.commit()
    assert renames_between(repo.open(), old, new) == {"täst/old.py": "new name.py"}


def test_the_repositorys_settings_neither_hide_a_rename_nor_start_a_program(repo: Any, tmp_path: Path) -> None:
    repo.write("old.py", TEXT)
    old = repo.commit()
    repo.git("mv", "old.py", "new.py")
    new = repo.commit()
    seen = tmp_path / "seen"
    for key, value in {"diff.renames": "false", "diff.external": f"touch {seen}", "diff.relative": "true"}.items():
        repo.git("config", key, value)
    assert renames_between(repo.open(), old, new) == {"old.py": "new.py"}
    assert not seen.exists()


def test_a_commit_that_is_not_there_and_a_plain_folder_know_no_renames(repo: Any, tmp_path: Path) -> None:
    repo.write("a.py")
    head = repo.commit()
    assert renames_between(repo.open(), "0" * 40, head) == {}
    (tmp_path / "plain").mkdir()
    assert renames_between(open_source(tmp_path / "plain", clones=tmp_path), "0" * 40, head) == {}
