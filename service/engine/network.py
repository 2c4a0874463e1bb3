"""--offline: this process opens no connection but those to the named engine.

Guards Python's own sockets by an audit hook, which cannot be taken off again. Knows nothing of git (its own runner
forbids it transports) nor of native code that opens sockets itself; nothing that repoask uses while asking does.
"""

import socket
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from ...errors import OfflineError

__all__ = ["refuse_connections"]

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})


def refuse_connections(*allow: tuple[str, int]) -> None:
    """From now on every connection and every look-up of a name raises `OfflineError`, for the life of the process.

    Args:
        allow: Host and port of each server of the engine that the user named, which stay reachable.
    """
    sys.addaudithook(_Guard(allow))


class _Guard:
    def __init__(self, allow: Sequence[tuple[str, int]]) -> None:
        self._allowed = frozenset((host.strip("[]").lower(), port) for host, port in allow)
        self._addresses: dict[tuple[str, int], frozenset[str]] = {}

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not event.startswith("socket."):
            return
        if event in _CONNECTING:
            self._check_connection(args[0], args[1])
        elif event in _RESOLVING:
            self._check_name(args[0])

    def _check_connection(self, sock: socket.socket, address: object) -> None:
        if address is None:  # sendmsg on a connected socket: its connect was checked
            return
        if sock.family not in {socket.AF_INET, socket.AF_INET6} or not isinstance(address, tuple):
            raise _refusal(str(address))
        host, port = str(address[0]).lower(), address[1]
        if self._is_engine(host, port):
            return
        if _is_socketpair():
            return
        raise _refusal(f"{host}:{port}")

    def _check_name(self, name: object) -> None:
        host = name[0] if isinstance(name, tuple) else name
        text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        if host is None or any(text.lower() == allowed for allowed, _ in self._allowed) or _is_address(text):
            return  # turning an address into a structure asks nobody
        raise _refusal(text)

    def _is_engine(self, host: str, port: int) -> bool:
        if (host, port) in self._allowed:
            return True
        # names are resolved only now: most engines are named by address, and a look-up is a connection too
        return any(host in self._resolved(name, at) for name, at in self._allowed if at == port)

    def _resolved(self, name: str, port: int) -> frozenset[str]:
        if (name, port) not in self._addresses:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            self._addresses[name, port] = frozenset(str(info[4][0]).lower() for info in found)
        return self._addresses[name, port]


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False


def _is_socketpair() -> bool:
    """On Windows asyncio wakes itself through a pair of loopback sockets, which `socket.socketpair` connects."""
    if sys.platform != "win32":
        return False
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the only way to the caller
    while frame is not None:
        if frame.f_code.co_filename == socket.__file__ and "socketpair" in frame.f_code.co_name:
            return True
        frame = frame.f_back
    return False


def _refusal(target: str) -> OfflineError:
    return OfflineError(f"{target}: connection refused because of --offline; leave it out to allow connections")
