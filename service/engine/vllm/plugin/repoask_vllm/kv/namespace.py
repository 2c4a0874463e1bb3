"""What the KV of a server belongs to: a folder whose name is a hash of all that its bytes depend on.

Knows nothing of where those facts come from.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .kv_file import FORMAT_VERSION

__all__ = ["namespace_name", "note_facts"]

_FACTS_FILE = "namespace.json"
_DIGEST_CHARS = 32
_TITLE_CHARS = 48


def namespace_name(model: str, facts: Mapping[str, Any]) -> str:
    """The folder's name: the model's, for people, and the hash.

    Args:
        model: Its path, or its name on the hub.
        facts: All that the bytes of KV depend on, as JSON has it.
    """
    title = re.sub(r"[^A-Za-z0-9._-]", "_", model.rstrip("/").rpartition("/")[2])[:_TITLE_CHARS].lstrip(".")
    return f"{title or 'model'}-{hashlib.sha256(_written(facts).encode('utf-8')).hexdigest()[:_DIGEST_CHARS]}"


def note_facts(root: Path, name: str, facts: Mapping[str, Any]) -> None:
    """Writes into the folder what it stands for, for people.

    Raises:
        OSError: The folder cannot be written.
    """
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = folder / f"{_FACTS_FILE}.{secrets.token_hex(8)}"
    new.write_text(_written(facts) + "\n", encoding="utf-8")
    new.replace(folder / _FACTS_FILE)


def _written(facts: Mapping[str, Any]) -> str:
    return json.dumps({"format": FORMAT_VERSION, **facts}, indent=1, sort_keys=True, ensure_ascii=False)
