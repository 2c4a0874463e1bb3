"""The version of what `parse` makes of a text."""

import hashlib
import subprocess
import sys
from pathlib import Path

from repoask.ingest import symbols
from repoask.ingest.symbols.version import QUERIES_HASH, grammars_id

QUERIES = Path(symbols.__file__).with_name("queries")


def test_recorded_hash_is_that_of_the_queries() -> None:
    digest = hashlib.sha256()
    for path in sorted(QUERIES.glob("*.scm")):
        digest.update(f"{path.name}\n{path.read_text(encoding='utf-8')}\n".encode())
    assert digest.hexdigest()[:16] == QUERIES_HASH, "a query changed: record this hash in ingest/symbols/version.py"


def test_grammars_id_is_short_hex() -> None:
    assert len(grammars_id()) == 16
    int(grammars_id(), 16)


def test_naming_the_version_loads_no_grammar() -> None:
    code = "import sys; import repoask.ingest.symbols.version; sys.exit('tree_sitter' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
