"""Writes the receipt of an answer from what was used to make it. Decides nothing; reads no clock."""

from collections.abc import Mapping, Sequence

from .. import __version__
from ..context.types import IndexReport
from ..ingest.types import Snapshot
from .answer import (
    FilesReceipt,
    Mode,
    ModelReceipt,
    PackReceipt,
    Receipt,
    SessionReceipt,
    SnapshotReceipt,
    TokensReceipt,
)

__all__ = ["make_receipt"]

# a receipt stays readable: longer lists are cut, their counts are not
_MAX_PATHS = 100


def make_receipt(
    *,
    mode: Mode,
    why: str,
    snapshot: Snapshot,
    report: IndexReport,
    seconds: Mapping[str, float],
    tokens: TokensReceipt | None = None,
    model: ModelReceipt | None = None,
    pack: PackReceipt | None = None,
    session: SessionReceipt | None = None,
    warnings: Sequence[str] = (),
) -> Receipt:
    """The receipt of one answer."""
    return Receipt(
        repoask=__version__,
        mode=mode,
        why=why,
        snapshot=_snapshot_receipt(snapshot),
        files=_files_receipt(report),
        tokens=tokens or TokensReceipt(),
        seconds={stage: round(took, 4) for stage, took in seconds.items()},
        model=model,
        pack=pack,
        session=session,
        warnings=tuple(warnings),
    )


def _snapshot_receipt(snapshot: Snapshot) -> SnapshotReceipt:
    source = snapshot.source
    return SnapshotReceipt(
        source=source.url or str(source.root),
        kind=source.kind.value,
        prefix=source.prefix,
        commit=snapshot.commit,
        revision=snapshot.revision,
        dirty_files=len(snapshot.dirty),
        dirty=snapshot.dirty[:_MAX_PATHS],
    )


def _files_receipt(report: IndexReport) -> FilesReceipt:
    return FilesReceipt(
        indexed=report.files,
        read=report.files_read,
        omitted=dict(sorted(report.omitted.items())),
        unparsed=report.unparsed[:_MAX_PATHS],
        unparsed_files=len(report.unparsed),
        withheld_lines=report.withheld_lines,
        index_route=report.route,
        embedder=report.embedder,
    )
