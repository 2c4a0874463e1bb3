"""Indexes files in memory by the real chunker and parser."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from repoask.context import terms
from repoask.context.index.chunker import chunk
from repoask.context.index.segment import LiveSegment, Segment, SegmentBuilder
from repoask.context.types import Chunk, FileRecord
from repoask.ingest.languages import language_of
from repoask.ingest.symbols.parser import parse

Index = Callable[[Mapping[str, str]], LiveSegment]


def build(files: Mapping[str, str]) -> LiveSegment:
    """A segment of these files, all live."""
    builder = SegmentBuilder()
    for path, text in files.items():
        builder.add(path, record_of(path, text))
    return LiveSegment(Segment.from_arrays(builder.finish()), np.ones(len(files), np.bool_))


def record_of(path: str, text: str) -> FileRecord:
    """What the index keeps of a file."""
    language = language_of(path)
    syntax = parse(text, language)
    chunks = tuple(
        Chunk(each.start, each.end, each.text, each.symbol, each.kind, *terms.count(each.text))
        for each in chunk(text, syntax)
    )
    return FileRecord(
        blob_id=str(terms.term_hash(text)),
        language=language,
        omission=None,
        size=len(text.encode()),
        lines=text.count("\n"),
        chunks=chunks,
        definitions=syntax.definitions,
        references=syntax.references,
        imports=syntax.imports,
        parsed=syntax.ok,
    )


@pytest.fixture(scope="session")
def index() -> Index:
    return build
