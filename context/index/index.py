"""Opens the index of a snapshot for questions, making it ready first where it is not. The one door for other folders.

Three routes. Warm: the image of exactly these files is there and is mapped. Overlay: an image differs by a few files,
which are read anew and laid beside it, and what they replace is masked. Built: files are indexed and a new image is
written; this one alone loads LanceDB. Knows nothing of ranking.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import IndexStoreError
from ...ingest.types import Progress, Reason, Selection, Snapshot
from ..types import IndexReport
from .embedder import Embedder
from .image import FileNotes, Image
from .layout import Layout, read_layout, stamp
from .lock import folder_lock
from .segment import LiveSegment
from .variant import Variant

__all__ = ["View", "open_view"]


@dataclass(frozen=True)
class View:
    """What questions are asked of: the current files of a snapshot.

    Attributes:
        segments: Each with a mask of its current files; every path is live in one of them at most.
        embedder: Made the segments' vectors, and makes those of questions; None where there are none.
        report: What making the index ready took.
        snapshot: The files.
    """

    segments: tuple[LiveSegment, ...]
    embedder: Embedder | None
    report: IndexReport
    snapshot: Snapshot

    def text(self, path: str) -> str | None:
        """A whole file, withheld lines masked, without the last line end; None where it is not in the index."""
        place = self._places.get(path)
        if place is None:
            return None
        segment, file = self.segments[place[0]].segment, place[1]
        return "\n".join(segment.texts[chunk] for chunk in segment.chunks_of(file))

    @property
    def num_bytes(self) -> int:
        """Of the text of all files, in UTF-8."""
        return sum(
            int(part.segment.texts.num_bytes[part.live[part.segment.chunk_file]].sum()) for part in self.segments
        )

    @property
    def num_files(self) -> int:
        """How many files have a text."""
        return sum(int(part.live.sum()) for part in self.segments)

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        return {
            path: (number, file)
            for number, part in enumerate(self.segments)
            for file, (path, live) in enumerate(zip(part.segment.paths, part.live.tolist(), strict=True))
            if live
        }


def open_view(
    snapshot: Snapshot,
    *,
    folder: Path,
    selection: Selection,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> View:
    """The index of a snapshot, made ready where it is not.

    Args:
        snapshot: The files.
        folder: Of the source, as `catalog.Catalog.folder` gives it.
        selection: What the snapshot was taken with.
        embedder: What makes vectors; there are none by default.
        progress: Told of long work, and that another process is being waited for.

    Raises:
        IndexStoreError: A newer repoask wrote the index, or it cannot be written.
    """
    variant = Variant.of(folder, selection=selection, embedder=embedder)
    if read_layout(folder) is Layout.CURRENT and (view := _open_image(snapshot, variant)):
        return view
    with folder_lock(folder, progress=progress):
        stamp(folder)
        # another process may have made the image while this one waited
        return _open_image(snapshot, variant) or _build(snapshot, variant, progress)


def _open_image(snapshot: Snapshot, variant: Variant) -> View | None:
    """The view by an image that is there; None when too much differs from all of them."""
    images = variant.images()
    if image := images.exact(snapshot.entries):
        return _whole(snapshot, image, variant)
    image = images.nearest(snapshot.entries)
    return _overlaid(snapshot, image, variant) if image else None


def _whole(snapshot: Snapshot, image: Image, variant: Variant) -> View:
    live = LiveSegment(image.segment, np.ones(image.segment.num_files, np.bool_))
    report = _report("warm", snapshot, (live,), [image.notes], variant)
    return View((live,), variant.given, report, snapshot)


def _overlaid(snapshot: Snapshot, image: Image, variant: Variant) -> View | None:
    """The image with what differs laid beside it; None when that is too much for a question to wait for."""
    from .overlay import MAX_OVERLAY_BYTES, MAX_OVERLAY_FILES, read_overlay  # a warm question has no use for it

    changed = [entry for entry in snapshot.entries if image.blobs.get(entry.path) != entry.blob_id]
    if len(changed) > MAX_OVERLAY_FILES or sum(entry.size for entry in changed) > MAX_OVERLAY_BYTES:
        return None
    overlay = read_overlay(snapshot, changed, variant)
    kept = {entry.path for entry in snapshot.entries} - {entry.path for entry in changed}
    mask = np.fromiter((path in kept for path in image.segment.paths), np.bool_, image.segment.num_files)
    segments = (
        LiveSegment(image.segment, mask),
        LiveSegment(overlay.segment, np.ones(overlay.segment.num_files, np.bool_)),
    )
    notes = [image.notes.of(kept), overlay.notes]
    report = _report("overlay", snapshot, segments, notes, variant)
    report = replace(report, files_read=overlay.num_read, seconds=overlay.seconds)
    return View(segments, variant.given, report, snapshot)


def _build(snapshot: Snapshot, variant: Variant, progress: Progress | None) -> View:
    started = time.perf_counter()
    from .indexer import build

    load_s = time.perf_counter() - started
    built = build(snapshot, variant, progress=progress)
    image = variant.images().exact(built.entries)
    if image is None:
        raise IndexStoreError(f"{variant.folder}: another program removed the index while it was written; ask again")
    view = _whole(snapshot, image, variant)
    omitted = Counter(view.report.omitted)
    omitted[Reason.UNREADABLE] += len(snapshot.entries) - len(built.entries)
    report = replace(
        view.report,
        route="built",
        files_read=built.num_read,
        omitted=dict(+omitted),
        seconds={"load": load_s, **built.seconds},
    )
    return replace(view, report=report)


def _report(
    route: str, snapshot: Snapshot, segments: Sequence[LiveSegment], notes: Sequence[FileNotes], variant: Variant
) -> IndexReport:
    omitted = Counter(omission.reason.value for omission in snapshot.omissions)
    for part in notes:
        omitted.update(part.omitted.values())
    return IndexReport(
        route=route,
        files=sum(int(part.live.sum()) for part in segments),
        files_read=0,
        omitted=dict(omitted),
        unparsed=tuple(sorted(path for part in notes for path in part.unparsed)),
        withheld_lines=sum(count for part in notes for count in part.withheld.values()),
        seconds={},
        embedder=variant.embedder_id,
    )
