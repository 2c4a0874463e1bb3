"""Records and vectors as an index keeps them."""

from collections.abc import Callable

import numpy as np
import pytest
from repoask.context import terms
from repoask.context.index.flat_records import Embedded, flatten
from repoask.context.types import Chunk, FileRecord
from repoask.ingest.types import Definition, Import, Reference

MakeRecord = Callable[..., FileRecord]


def _chunk(start: int, text: str) -> Chunk:
    hashes, counts = terms.count(text)
    return Chunk(start, start + text.count("\n"), text, "Outer.inner", "method", hashes, counts)


@pytest.fixture
def make_record() -> MakeRecord:
    def make(name: str, *texts: str) -> FileRecord:
        texts = texts or (f"def {name}():\n    return open({name!r})\n", f"class {name.title()}:\n    größe = '→'")
        return FileRecord(
            blob_id=name.ljust(40, "0"),
            language="python",
            omission=None,
            size=sum(map(len, texts)),
            lines=4,
            chunks=tuple(_chunk(1 + 2 * number, text) for number, text in enumerate(texts)),
            definitions=(Definition(name, f"Outer.{name}", "function", 1, 2, 1),),
            references=(Reference("open", 2), Reference("größe", 4)),
            imports=(Import("os.path", 1),),
            parsed=False,
            withheld=3,
        )

    return make


@pytest.fixture
def embed() -> Callable[[list[str], list[FileRecord]], Embedded]:
    """Records under keys, with vectors that tell the chunks apart."""

    def make(keys: list[str], records: list[FileRecord]) -> Embedded:
        flat = flatten(records)
        vectors = np.zeros((flat.num_chunks, 4), np.float32)
        vectors[:, 0] = np.arange(flat.num_chunks) + len(keys[0])
        return Embedded(keys, flat, vectors)

    return make


@pytest.fixture
def same() -> Callable[[FileRecord, FileRecord], bool]:
    """Whether two records are equal, arrays included (== on a record with arrays raises)."""

    def compare(one: FileRecord, other: FileRecord) -> bool:
        return _plain(one) == _plain(other)

    return compare


def _plain(record: FileRecord) -> tuple[object, ...]:
    chunks = [(c.start, c.end, c.text, c.symbol, c.kind, c.terms.tolist(), c.counts.tolist()) for c in record.chunks]
    names = (
        "blob_id",
        "language",
        "omission",
        "size",
        "lines",
        "definitions",
        "references",
        "imports",
        "parsed",
        "withheld",
    )
    return (*(getattr(record, name) for name in names), chunks)
