"""What is said of a folder that cannot be written."""

import errno
from pathlib import Path

import pytest
from repoask.context.index.layout import is_refusal, unwritable

LANCE = "lance error: LanceError(IO): {0}, /root/.cargo/registry/src/lance-1.0/dataset.rs:59:15"


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), RuntimeError(LANCE.format("No space left on device (os error 28)"))]
)
def test_a_full_disk_is_told_to_free_space(error: Exception) -> None:
    assert is_refusal(error)
    assert "No space left on device" in str(unwritable(Path("index"), error))
    assert "free some space" in str(unwritable(Path("index"), error))


@pytest.mark.parametrize(
    "error", [PermissionError(errno.EACCES, "no"), RuntimeError(LANCE.format("Permission denied (os error 13)"))]
)
def test_a_refused_folder_is_not_told_to_free_space(error: Exception) -> None:
    assert is_refusal(error)
    message = str(unwritable(Path("index"), error))
    assert message == "index: the index cannot be written (Permission denied); give another --index-dir"


def test_what_is_no_refusal_is_damage() -> None:
    assert not is_refusal(RuntimeError(LANCE.format("Not found")))
    assert not is_refusal(ValueError("no such column"))
