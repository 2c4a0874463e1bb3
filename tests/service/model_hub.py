"""An imitation of the Hugging Face hub on loopback, and tiny models to lie on it.

It stands for three things that a pull asks of the real one, as huggingface_hub 2.4 asks them: the listing
`/api/models/ORG/NAME[/revision/REV]?blobs=true`, the file `/ORG/NAME/resolve/COMMIT/PATH`, and the host that large
files are redirected to, which takes ranges. Errors are told as the hub does, by X-Error-Code. The real hub cannot be
reached from tests: that its answers have this shape is taken from its client's source.
"""

import hashlib
import json
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from repoask.service.weights.hub import Hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "org/tiny"
CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 1000,
    "max_position_embeddings": 16_384,
}


def safetensors(size: int = 3_000_000) -> bytes:
    """One tensor of so many bytes; the format is a length, a head in JSON, and the numbers."""
    head = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(range(256)) * (size // 256) + bytes(size % 256)


def tiny_files(more: Mapping[str, bytes] = {}) -> dict[str, bytes]:
    """The files of a whole model; small ones lie in git, weights outside of it."""
    return {
        "config.json": json.dumps(CONFIG).encode(),
        "tokenizer.json": b'{"version": "1.0"}',
        "LICENSE": b"Do as you like.\n",
        "model.safetensors": safetensors(),
        **more,
    }


@dataclass
class Repository:
    """What the hub says of a model, and what it does when a file is asked for.

    Attributes:
        announced: What the listing says of a file in place of the truth.
        break_after: Of the large files' host: the connection ends after so many bytes, once for each number.
        refuses: The status and X-Error-Code of every file.
    """

    files: dict[str, bytes] = field(default_factory=tiny_files)
    card: dict[str, Any] = field(default_factory=lambda: {"license": "apache-2.0"})
    gated: Any = False
    announced: dict[str, dict[str, Any]] = field(default_factory=dict)
    break_after: list[int] = field(default_factory=list)
    refuses: tuple[int, str] | None = None
    knows_ranges: bool = True
    too_much: bytes = b""
    bytes_a_second: int | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def listing(self) -> dict[str, Any]:
        siblings = [self._sibling(name, content) for name, content in self.files.items()]
        return {
            "id": NAME,
            "modelId": NAME,
            "sha": COMMIT,
            "private": False,
            "gated": self.gated,
            "tags": [],
            "downloads": 1,
            "likes": 1,
            "cardData": self.card,
            "siblings": siblings,
        }

    def _sibling(self, name: str, content: bytes) -> dict[str, Any]:
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        told: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": blob}
        if is_large(name):
            told["lfs"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 134}
        return told | self.announced.get(name, {})


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def is_large(name: str) -> bool:
    return name.endswith((".safetensors", ".bin"))


class _Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        repository: Repository = self.server.repository  # type: ignore[attr-defined]
        path = unquote(urlsplit(self.path).path)
        repository.asked.append((path, _lower(self.headers)))
        if path in (
            f"/api/models/{NAME}",
            f"/api/models/{NAME}/revision/main",
            f"/api/models/{NAME}/revision/{COMMIT}",
        ):
            self._answer(200, json.dumps(repository.listing()).encode())
        elif path.startswith(f"/api/models/{NAME}/"):
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        elif path.startswith("/api/models/"):
            self._answer(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif repository.refuses:
            status, code = repository.refuses
            self._answer(status, b"Access to model is restricted.", {"X-Error-Code": code})
        else:
            name = path.removeprefix(f"/{NAME}/resolve/{COMMIT}/")
            if is_large(name):
                self._answer(302, b"", {"Location": f"{self.server.store_url}/{name}"})  # type: ignore[attr-defined]
            else:
                self._answer(200, repository.files[name])

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)


class _LargeFiles(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        repository: Repository = self.server.repository  # type: ignore[attr-defined]
        repository.asked.append((f"large:{self.path}", _lower(self.headers)))
        content = repository.files[unquote(self.path[1:])] + repository.too_much
        begin = 0
        if repository.knows_ranges and (asked := self.headers.get("Range")):
            begin = int(asked.removeprefix("bytes=").partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[begin:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if repository.break_after:
            self.wfile.write(body[: repository.break_after.pop(0)])
            self.close_connection = True
            return
        piece = 1 << 16
        for start in range(0, len(body), piece):
            if repository.bytes_a_second:
                time.sleep(piece / repository.bytes_a_second)
            try:
                self.wfile.write(body[start : start + piece])
            except OSError:  # who asked has gone
                self.close_connection = True
                return


class HubOnLoopback:
    """A hub with one model, whose large files lie on another host, as they do for the real one."""

    def __init__(self, loopback: Callable[..., Any]) -> None:
        self.repository = Repository()
        large = loopback(_LargeFiles, repository=self.repository)
        # by another name, so that it is another host
        store_url = large.url.replace("127.0.0.1", "localhost")
        self.url: str = loopback(_Hub, repository=self.repository, store_url=store_url).url

    def client(self, **options: Any) -> Hub:
        return Hub(endpoint=self.url, **options)

    def asked(self, beginning: str) -> list[dict[str, str]]:
        """The headers of every request for a path, the last one last."""
        return [headers for path, headers in self.repository.asked if path.startswith(beginning)]


def write_model(folder: Path, more: Mapping[str, bytes] = {}) -> Path:
    """A folder that holds a whole model."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tiny_files(more).items():
        (folder / name).write_bytes(content)
    return folder
