"""Tells a pack in one line, and what it leaves out in more. Knows nothing of how it was made."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...context.pack.selection import Standing
from ...ingest.types import Snapshot
from .clean import clean_line
from .phrases import count_of, left_out

if TYPE_CHECKING:
    from ..packing import Packed

__all__ = ["left_out_lines", "pack_receipt"]

_NUM_NAMED = 5
_STANDINGS = {
    Standing.FULL: "in full",
    Standing.PARTS: "in parts",
    Standing.OUTLINED: "in the outline",
    Standing.LEFT_OUT: "not named",
}


def pack_receipt(packed: "Packed", snapshot: Snapshot, *, written: Sequence[Path] = (), seconds: float) -> str:
    """What was written, revision, files, tokens, what is kept of the pack before, what is left out, time."""
    names = [", ".join(path.name for path in written)] if written else []
    return " · ".join([*names, *_parts(packed, snapshot, seconds)])


def left_out_lines(packed: "Packed") -> str:
    """Every file that does not stand in full, with the reason, a line each."""
    lines = [f"  {omission.reason.value}: {clean_line(omission.path)}" for omission in packed.pack.omissions]
    if packed.chosen:
        for standing in (Standing.PARTS, Standing.OUTLINED, Standing.LEFT_OUT):
            lines += [f"  {_STANDINGS[standing]}: {clean_line(each.path)}" for each in packed.chosen.of(standing)]
    return "".join(f"{line}\n" for line in ("not in full:", *lines)) if lines else ""


def _parts(packed: "Packed", snapshot: Snapshot, seconds: float) -> Iterator[str]:
    pack = packed.pack
    yield _revision(snapshot)
    yield _files(packed, snapshot)
    yield f"{'' if pack.exact else 'about '}{count_of(pack.num_tokens, 'token')} by {pack.tokenizer_name}"
    if packed.onto is not None:
        kept = packed.num_kept_tokens
        yield f"{kept / pack.num_tokens:.1%} of them ({kept:,}) are the beginning of the pack before"
    if packed.pack.omissions:
        yield left_out(Counter(omission.reason.value for omission in packed.pack.omissions))
    yield f"{seconds:.2f} s"


def _revision(snapshot: Snapshot) -> str:
    if snapshot.commit is None:
        return snapshot.source.kind.value
    named = f"{snapshot.revision} = " if snapshot.revision else ""
    dirty = f" + {count_of(len(snapshot.dirty), 'changed file')}" if snapshot.dirty else ""
    return f"{named}{snapshot.commit[:12]}{dirty}"


def _files(packed: "Packed", snapshot: Snapshot) -> str:
    files = count_of(packed.num_files(snapshot), "file")
    chosen = packed.chosen
    if chosen is None:
        return files
    held = {standing: chosen.of(standing) for standing in Standing}
    told = [f"{len(files):,} {_STANDINGS[standing]}" for standing, files in held.items() if files]
    return f"{files}: {', '.join(told)}{_some(each.path for each in held[Standing.LEFT_OUT])}"


def _some(paths: Iterable[str]) -> str:
    """The first of these paths, in brackets."""
    found = list(paths)
    more = f" and {len(found) - _NUM_NAMED:,} more" if len(found) > _NUM_NAMED else ""
    return f" ({', '.join(map(clean_line, found[:_NUM_NAMED]))}{more})" if found else ""
