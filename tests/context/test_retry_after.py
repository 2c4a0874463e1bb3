"""For how long a server asks to be left alone."""

import email.utils
import time

import pytest
from repoask.context.retry_after import asked_wait


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("3", 3.0), (" 0.5 ", 0.5), ("-4", 0.0), ("", None), ("soon", None), ("nan", None), ("inf", None)],
)
def test_a_number_is_seconds_and_anything_else_is_nothing(asked: str, seconds: float | None) -> None:
    assert asked_wait({"retry-after": asked}) == seconds


def test_a_date_is_that_long_from_now_and_one_gone_by_is_no_wait() -> None:
    now = time.time()
    ahead = asked_wait({"retry-after": email.utils.formatdate(now + 100, usegmt=True)})
    assert ahead is not None
    assert 90 < ahead <= 100
    assert asked_wait({"retry-after": email.utils.formatdate(now - 100, usegmt=True)}) == 0.0


def test_a_server_that_does_not_say_asks_for_no_time() -> None:
    assert asked_wait({}) is None
