"""What all tests need, however they are run."""

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def children_heed_ctrl_c() -> Iterator[None]:
    """A shell has what it starts with `&` ignore Ctrl-C, and so would all that the tests start and interrupt."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
