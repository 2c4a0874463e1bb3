"""Reads the URL of a server that the user named: a model's, an embedder's, a reranker's. Connects to nothing."""

import ipaddress
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigError

__all__ = ["Endpoint", "OnFirstUse", "is_http", "read_endpoint", "split_model"]

OnFirstUse = Callable[[str, int], AbstractContextManager[None]]
"""Gets an endpoint that is not this machine, and how many bytes will be sent there.

Entered before anything is sent, which it may keep from happening by raising; left when the server has replied, or by
the error, so that one that was never reached is not taken for known.
"""

_USER = re.compile(r"//[^/]*@")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that speaks a protocol over HTTP.

    Attributes:
        url: As given, without a slash at its end; holds no credentials.
        host: Without the brackets of an IPv6 address.
        port: That of the scheme where none is named.
    """

    url: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def is_http(value: str) -> bool:
    """Whether a setting that may name a folder names a server."""
    return value.startswith(("http://", "https://"))


def split_model(value: str, *, setting: str) -> tuple[str, str] | None:
    """URL and model of a setting written `URL#MODEL`; None where it names no server.

    Raises:
        ConfigError: The model is missing.
    """
    if not is_http(value):
        return None
    url, _, model = value.partition("#")
    if not model:
        raise ConfigError(f"{setting} {value}: the model is missing; write it as URL#MODEL")
    return url, model


def read_endpoint(url: str, *, setting: str) -> Endpoint:
    """The endpoint at a URL.

    Args:
        url: http or https, without credentials, query and fragment.
        setting: Where it comes from, for the message.

    Raises:
        ConfigError: It is something else.
    """
    stripped = url.strip().rstrip("/")
    try:
        parts = urlsplit(stripped)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = None, "", None
    if parts is None or parts.scheme not in {"http", "https"} or not host or port == 0 or parts.query or parts.fragment:
        shown = _USER.sub("//***@", url)
        raise ConfigError(f"{shown!r} is no endpoint; {setting} wants http(s)://HOST[:PORT]/v1")
    if "@" in parts.netloc:
        raise ConfigError(f"the endpoint at {host} holds a user or password; give the key by REPOASK_API_KEY")
    return Endpoint(stripped, host, port or (443 if parts.scheme == "https" else 80))
