"""Reads the few files that differ from an image, in this process and without LanceDB.

What was read is put into the log, so that the next question finds it there. Knows nothing of how images are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...ingest.types import FileEntry, Reason, Snapshot
from ..stopwatch import Stopwatch
from ..types import FileRecord
from .flat_records import flatten
from .image import FileNotes
from .keys import content_key
from .segment import Segment, SegmentBuilder
from .variant import Variant

__all__ = ["MAX_OVERLAY_BYTES", "MAX_OVERLAY_FILES", "Overlay", "read_overlay"]

MAX_OVERLAY_FILES = 64
MAX_OVERLAY_BYTES = 4_000_000  # a second of parsing; more is worth the workers and a new image


@dataclass(frozen=True, slots=True)
class Overlay:
    """The files that differ, as a segment of their own.

    Attributes:
        num_read: Files whose bytes were read; the others were in the log.
        seconds: By stage.
    """

    segment: Segment
    notes: FileNotes
    num_read: int
    seconds: dict[str, float]


def read_overlay(snapshot: Snapshot, entries: Sequence[FileEntry], variant: Variant) -> Overlay:
    """The segment of these files. One that vanished meanwhile is noted as unreadable."""
    clock = Stopwatch()
    log = variant.log()
    by_key: dict[str, list[FileEntry]] = {}
    for entry in entries:
        by_key.setdefault(content_key(entry, transform=variant.transform), []).append(entry)
    found: dict[str, tuple[FileRecord, NDArray[np.float32]]] = {}
    with clock.stage("read"):
        found.update((key, logged) for key in by_key if (logged := log.get(key)))
    unlogged = [same[0] for key, same in by_key.items() if key not in found]
    if unlogged:
        for key, record in _parsed(snapshot, unlogged, variant, clock):
            with clock.stage("embed"):
                vectors = variant.embed(flatten([record]))
            with clock.stage("write"):
                log.put(key, record, vectors)
            found[key] = record, vectors
        log.prune()

    builder, notes = SegmentBuilder(), FileNotes()
    with clock.stage("image"):
        for key, same in by_key.items():
            for entry in same:
                missing = FileRecord(entry.blob_id, "", Reason.UNREADABLE, entry.size), None
                record, rows = found.get(key, missing)
                notes.add(entry.path, record)
                if record.omission is None:
                    builder.add(entry.path, record, rows)
        segment = Segment.from_arrays(builder.finish())
    return Overlay(segment, notes, len(unlogged), clock.seconds)


def _parsed(
    snapshot: Snapshot, entries: Sequence[FileEntry], variant: Variant, clock: Stopwatch
) -> list[tuple[str, FileRecord]]:
    with clock.stage("parse"):  # loading grammars is most of it
        from .parsing import Work, parse_work
        from .reading import read_works

    records: list[tuple[str, FileRecord]] = []
    works = read_works(snapshot, entries, selection=variant.selection, transform=variant.transform)
    for work in clock.timed("read", works):
        with clock.stage("parse"):
            records.append((work.key, parse_work(work)) if isinstance(work, Work) else work)
    return records
