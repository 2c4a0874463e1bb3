"""A real HTTP server on loopback that speaks the OpenAI protocol with scripted replies, for tests.

Each request for a completion takes the next reply of the script; the last one stays. Requests are kept for inspection.
"""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True)
class Reply:
    """What the server answers to one request.

    Attributes:
        body: The bytes, or pieces of them that are sent (and flushed) one by one.
        pause_s: Slept before each piece.
        truncate: Announces more bytes than it sends, then closes.
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    content_type: str = EVENT_STREAM
    headers: Mapping[str, str] = field(default_factory=dict)
    pause_s: float = 0.0
    truncate: bool = False


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def event(data: object) -> bytes:
    """One server-sent event."""
    return b"data: " + (data.encode() if isinstance(data, str) else json.dumps(data).encode()) + b"\n\n"


def chunk(text: str | None = None, *, finish: str | None = None, **more: object) -> bytes:
    """One piece of a streamed chat reply."""
    choice = {"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": finish}
    return event({"id": "x", "object": "chat.completion.chunk", "model": "served", "choices": [choice], **more})


def stream(
    text: str,
    *,
    size: int = 7,
    finish: str = "stop",
    usage: bool = True,
    prompt_tokens: int = 900,
    pause_s: float = 0.0,
) -> Reply:
    """An honest streamed reply."""
    pieces = [chunk(text[begin : begin + size]) for begin in range(0, len(text), size)]
    pieces.append(chunk(finish=finish))
    if usage:
        counts = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 64},
        }
        pieces.append(event({"choices": [], "usage": counts}))
    return Reply([*pieces, event("[DONE]")], pause_s=pause_s)


def error(status: int, message: str = "", **headers: str) -> Reply:
    """A reply that refuses, as OpenAI's servers do it."""
    body = json.dumps({"error": {"message": message, "type": "error", "param": None, "code": None}}).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body, status=status, content_type="application/json", headers=names)


def json_reply(data: object, *, status: int = 200) -> Reply:
    return Reply(json.dumps(data).encode(), status=status, content_type="application/json")


class OpenAIServer:
    """The server; runs between `__enter__` and `__exit__`.

    Attributes:
        script: Replies to requests for a completion, in order; the last one stays.
        pages: Replies to GET, by path.
        requests: Completions asked for so far.
        gets: Paths of the GET requests so far.
    """

    def __init__(self, *script: Reply, pages: Mapping[str, Reply] | None = None) -> None:
        self.script = list(script)
        self.pages = dict(pages or {})
        self.requests: list[Request] = []
        self.gets: list[str] = []
        self._server = _HTTPServer(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.closing = threading.Event()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> "OpenAIServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def next_reply(self) -> Reply:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class _HTTPServer(ThreadingHTTPServer):
    # joined when the server closes: a test leaves no thread behind
    daemon_threads = False
    owner: OpenAIServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HTTPServer

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.gets.append(self.path)
        self._send(owner.pages.get(self.path) or error(404, "no such page"))

    def do_POST(self) -> None:
        owner = self.server.owner
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        owner.requests.append(Request(path=self.path, headers=headers, body=body))
        self._send(owner.next_reply())

    def _send(self, reply: Reply) -> None:
        self.close_connection = True
        self.send_response(reply.status)
        self.send_header("content-type", reply.content_type)
        self.send_header("connection", "close")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if isinstance(reply.body, bytes):
            self.send_header("content-length", str(len(reply.body) + (1000 if reply.truncate else 0)))
        self.end_headers()
        with suppress(OSError):  # the client goes when it has had enough, as it should
            self._send_pieces(reply)

    def _send_pieces(self, reply: Reply) -> None:
        for piece in [reply.body] if isinstance(reply.body, bytes) else reply.body:
            if reply.pause_s:
                time.sleep(reply.pause_s)
            if self.server.owner.closing.is_set():
                return
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Says nothing: standard error belongs to the program under test."""
