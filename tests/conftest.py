"""What all tests need, however they are run."""

import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def children_heed_ctrl_c() -> Iterator[None]:
    """A shell has what it starts with `&` ignore Ctrl-C, and so would all that the tests start and interrupt."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def loopback() -> Iterator[Callable[..., Any]]:
    """Starts an HTTP server on loopback for a handler, which finds the attributes given on `self.server`, and `url`."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(handler: type[BaseHTTPRequestHandler], **attributes: object) -> Any:
        handler.log_message = lambda *_: None  # type: ignore[method-assign, assignment]
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        vars(server).update(attributes, url=f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()
