"""Keeps what a server has cached for one tenant from all others: a salt for each, which nobody else can work out.

Who knows a tenant's salt could find out, by how fast a prompt is read, what that tenant has asked; so it is made with a
secret of this machine's user, and no name leaves it. Knows nothing of servers.
"""

import hashlib
import hmac
import os
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import ConfigError

__all__ = ["tenant_salt"]

_FILE = "tenants.key"
_SECRET_BYTES = 32
_PATIENCE_S = 10.0


def tenant_salt(tenant: str, *, folder: Path) -> str | None:
    """What `Engine.generate` takes as salt: HMAC-SHA256 of the tenant's name, hex; None for no tenant.

    Args:
        tenant: The name; "" for none.
        folder: Where the secret lies, made with the first tenant; without it nothing that is cached is met again.

    Raises:
        ConfigError: The secret cannot be read or made.
    """
    if not tenant:
        return None
    return hmac.new(_secret(folder / _FILE), tenant.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def _secret(file: Path) -> bytes:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = _read(file)
        if secret is None:
            with FileLock(f"{file}.lock", timeout=_PATIENCE_S):
                # another process may have made it while this one waited
                secret = _read(file) or _make(file)
    except (OSError, Timeout) as error:
        raise ConfigError(f"{file}: the tenants' secret cannot be read or made ({error}); check the folder") from error
    if len(secret) != _SECRET_BYTES:
        raise ConfigError(f"{file}: not the {_SECRET_BYTES} bytes of the tenants' secret; remove it to have one made")
    return secret


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _make(file: Path) -> bytes:
    """A new secret, in place whole, readable by its user alone."""
    secret = os.urandom(_SECRET_BYTES)
    temporary = file.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(secret)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
    return secret
