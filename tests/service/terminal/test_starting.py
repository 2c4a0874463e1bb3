"""What is imported ahead, beside other work."""

import threading

import pytest
from repoask.service.terminal.starting import import_ahead


def test_a_module_that_cannot_be_imported_ahead_is_left_for_the_thread_that_needs_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    # pytest makes an exception that ends a thread an error of the test
    before = set(threading.enumerate())
    import_ahead(".service.not_there")
    for thread in set(threading.enumerate()) - before:
        thread.join()
    assert capfd.readouterr() == ("", "")
