"""Turns columns of records into rows of Arrow and back: the columns of the store's two tables.

Knows nothing of LanceDB or of keys beyond that they are strings.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..types import Chunk
from .flat_records import Embedded, FileHead

__all__ = ["FILE_SCHEMA", "chunk_rows", "chunk_schema", "chunks_of", "file_rows", "heads_of", "vectors_of"]

FILE_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("batch", pa.int64()),
        ("blob_id", pa.string()),
        ("language", pa.string()),
        ("omission", pa.string()),
        ("size", pa.int64()),
        ("lines", pa.int32()),
        ("parsed", pa.bool_()),
        ("withheld", pa.int32()),
        ("symbols", pa.string()),
        ("num_chunks", pa.int32()),
    ]
)
_HEAD_COLUMNS = FILE_SCHEMA.names[2:]


def chunk_schema(dimensions: int) -> pa.Schema:
    """The columns of `chunks`; without vectors where they have no dimensions."""
    vector = [("vector", pa.list_(pa.float32(), dimensions))] if dimensions else []
    return pa.schema(
        [
            ("key", pa.string()),
            ("batch", pa.int64()),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("symbol", pa.string()),
            ("kind", pa.string()),
            ("text", pa.string()),
            ("terms", pa.list_(pa.uint64())),
            ("counts", pa.list_(pa.uint16())),
            *vector,
        ]
    )


def file_rows(part: Embedded, batch: int) -> pa.RecordBatch:
    """The rows of `files` for these records."""
    heads = [[getattr(head, name) for head in part.flat.heads] for name in _HEAD_COLUMNS]
    columns = [list(part.keys), [batch] * len(part.keys), *heads]
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(columns, FILE_SCHEMA, strict=True)], schema=FILE_SCHEMA
    )


def chunk_rows(part: Embedded, batch: int, schema: pa.Schema) -> pa.RecordBatch:
    """The rows of `chunks` for these records; text and terms are not copied."""
    flat = part.flat
    owners = [key for key, head in zip(part.keys, flat.heads, strict=True) for _ in range(head.num_chunks)]
    text_offsets, term_offsets = pa.py_buffer(flat.text_offsets), pa.array(flat.term_offsets)
    columns = [
        pa.array(owners, pa.string()),
        pa.array(np.full(flat.num_chunks, batch, np.int64)),
        pa.array(flat.starts),
        pa.array(flat.ends),
        pa.array(flat.symbols, pa.string()),
        pa.array(flat.kinds, pa.string()),
        pa.StringArray.from_buffers(flat.num_chunks, text_offsets, pa.py_buffer(flat.text)),
        pa.ListArray.from_arrays(term_offsets, pa.array(flat.terms)),
        pa.ListArray.from_arrays(term_offsets, pa.array(flat.counts)),
    ]
    if dimensions := part.vectors.shape[1]:
        vectors = np.ascontiguousarray(part.vectors, np.float32)
        columns.append(pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimensions))
    return pa.record_batch(columns, schema=schema)


def heads_of(rows: pa.RecordBatch) -> Iterator[tuple[str, int, FileHead]]:
    """Key, batch and head of each row of `files`."""
    columns = [rows[name].to_pylist() for name in ("key", "batch", *_HEAD_COLUMNS)]
    return ((key, batch, FileHead(*head)) for key, batch, *head in zip(*columns, strict=True))


def chunks_of(rows: pa.RecordBatch) -> list[Chunk]:
    """The chunks in rows of `chunks`."""
    plain = [rows[name].to_pylist() for name in ("start", "end", "text", "symbol", "kind")]
    terms, counts = _lists_of(rows["terms"]), _lists_of(rows["counts"])
    return [Chunk(*values) for values in zip(*plain, terms, counts, strict=True)]


def _lists_of(column: pa.ListArray) -> list[NDArray[Any]]:
    values, offsets = column.values.to_numpy(zero_copy_only=False), column.offsets.to_pylist()
    # copies: views would keep all columns of the rows in memory, 30 MB more for a source of 39 MB
    return [values[start:end].copy() for start, end in pairwise(offsets)]


def vectors_of(rows: pa.RecordBatch) -> NDArray[np.float32]:
    """The vectors in rows of `chunks`. Shape (rows, dimensions)."""
    if "vector" not in rows.schema.names:
        return np.zeros((rows.num_rows, 0), np.float32)
    column = rows["vector"]
    flat: NDArray[np.float32] = column.flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(column), -1)
