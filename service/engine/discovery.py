"""Looks for a model's server on the usual ports of this machine, so that it can be suggested.

Asks for the list of models and sends nothing else; never looks beyond loopback. Chooses nothing: what is found is used
only when the user names it.
"""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .wire import read_models

__all__ = ["USUAL_PORTS", "FoundServer", "find_servers"]

USUAL_PORTS = (("Ollama", 11434), ("LM Studio", 1234), ("vLLM", 8000), ("llama.cpp", 8080))

_HOST = "127.0.0.1"
# a list of models is a few kB; whatever sends more is something else
_MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answers in the OpenAI protocol, Ollama in its own as well.

    Attributes:
        name: What usually listens on this port.
        base_url: For --base-url.
        models: For --model, as the server lists them.
    """

    name: str
    base_url: str
    models: tuple[str, ...]


def find_servers(
    *, timeout_s: float = 0.025, ports: tuple[tuple[str, int], ...] = USUAL_PORTS
) -> tuple[FoundServer, ...]:
    """The servers that listen and list at least one model, in the order of `ports`, asked all at once.

    Args:
        timeout_s: For the whole look; a server that is slower is not suggested.
        ports: What usually listens, and where.
    """
    deadline = time.monotonic() + timeout_s
    # one thread a port: a refused connection takes two seconds on Windows, and the timeout must hold
    with ThreadPoolExecutor(max_workers=len(ports)) as pool:
        listed = pool.map(lambda port: _models_at(port[1], deadline), ports)
        return tuple(
            FoundServer(name, f"http://{_HOST}:{port}/{'api' if name == 'Ollama' else 'v1'}", models)
            for (name, port), models in zip(ports, listed, strict=True)
            if models
        )


def _models_at(port: int, deadline: float) -> tuple[str, ...]:
    # a socket and not an HTTP library: importing one takes longer than the whole look may
    try:
        with socket.create_connection((_HOST, port), timeout=_left(deadline)) as connection:
            # HTTP/1.0: the server closes at the end, and may not send chunks
            connection.sendall(
                f"GET /v1/models HTTP/1.0\r\nHost: {_HOST}:{port}\r\nAccept: */*\r\n\r\n".encode("ascii")
            )
            return _read(_receive(connection, deadline))
    except (OSError, ValueError):
        return ()


def _receive(connection: socket.socket, deadline: float) -> bytes:
    reply = bytearray()
    while len(reply) < _MAX_BYTES:
        connection.settimeout(_left(deadline))
        piece = connection.recv(65536)
        if not piece:
            break
        reply += piece
        if _is_whole(reply):
            break
    return bytes(reply)


def _is_whole(reply: bytearray) -> bool:
    """Whether all that the head announces is there; some servers keep the connection open all the same."""
    head, separator, body = bytes(reply).partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if separator and line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return False


def _read(reply: bytes) -> tuple[str, ...]:
    head, _, body = reply.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    return read_models(json.loads(body)) if status == [b"200"] else ()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
