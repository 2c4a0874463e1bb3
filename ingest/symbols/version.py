"""Names what `parse` makes of a text, for the keys of what is kept. Loads no grammar and reads no query.

Every question asks for it, most parse nothing. So the queries' content is recorded here, and a test compares.
"""

import hashlib
from functools import cache

from ..installed import installed_version

__all__ = ["QUERIES_HASH", "grammars_id"]

QUERIES_HASH = "bff604e67fb6f9ae"
"""Over the names and texts of all `queries/*.scm`; `tests/ingest/symbols/test_version.py` tells the new one."""

# Raised when the code around the queries changes what it makes of the same text.
_CODE_VERSION = 4


@cache
def grammars_id() -> str:
    """Hex over all that decides what `parse` makes of a text: grammars, queries and the code around them."""
    parts = f"{_CODE_VERSION} {installed_version('tree-sitter-language-pack')} {QUERIES_HASH}"
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
