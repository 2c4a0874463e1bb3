"""Tells a pack in one line, and what it leaves out in more. Knows nothing of how it was made."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...ingest.types import Snapshot
from .clean import clean_line
from .phrases import count_of, left_out

if TYPE_CHECKING:
    from ...context.pack.selection import Chosen
    from ..packing import Packed

__all__ = ["left_out_lines", "pack_receipt"]

_NUM_NAMED = 5
# by the value of `Standing`, whose module takes a quarter of a second to load: most packs hold everything
_STANDINGS = {"full": "in full", "parts": "in parts", "outlined": "in the outline", "left out": "not named"}


def pack_receipt(
    packed: "Packed", snapshot: Snapshot, *, written: Sequence[Path] = (), continues: bool = False, seconds: float
) -> str:
    """What was written, revision, files, tokens, what is kept of the pack before, what is left out, time.

    Args:
        packed: The pack.
        snapshot: What it is of.
        written: The files, if any.
        continues: It was to go on from an earlier one.
        seconds: What it all took.
    """
    names = [", ".join(clean_line(path.name) for path in written)] if written else []
    return " · ".join([*names, *_parts(packed, snapshot, continues=continues), f"{seconds:.2f} s"])


def left_out_lines(packed: "Packed") -> str:
    """Every file that does not stand in full, with the reason, a line each."""
    lines = [f"  {omission.reason.value}: {clean_line(omission.path)}" for omission in packed.pack.omissions]
    for standing, files in _held(packed.chosen).items() if packed.chosen else ():
        if standing != "full":
            lines += [f"  {_STANDINGS[standing]}: {clean_line(path)}" for path in files]
    return "".join(f"{line}\n" for line in ("not in full:", *lines)) if lines else ""


def _parts(packed: "Packed", snapshot: Snapshot, *, continues: bool) -> Iterator[str]:
    pack = packed.pack
    yield _revision(snapshot)
    yield _files(packed, snapshot)
    yield f"{'' if pack.exact else 'about '}{count_of(pack.num_tokens, 'token')} by {pack.tokenizer_name}"
    if packed.onto is not None:
        kept = packed.num_kept_tokens
        yield f"{kept:,} of them ({kept / pack.num_tokens:.2%}) kept of the pack before"
    elif continues:
        yield "made anew, since with superseded text it would not have fitted"
    if packed.pack.omissions:
        yield left_out(Counter(omission.reason.value for omission in packed.pack.omissions))


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
    held = _held(chosen)
    told = [f"{len(paths):,} {_STANDINGS[standing]}" for standing, paths in held.items() if paths]
    return f"{files}: {', '.join(told)}{_some(held['left out'])}"


def _held(chosen: "Chosen") -> dict[str, list[str]]:
    """The paths of the files that are held so, by path."""
    held: dict[str, list[str]] = {standing: [] for standing in _STANDINGS}
    for each in chosen.choices:
        held[each.standing.value].append(each.path)
    return held


def _some(paths: Sequence[str]) -> str:
    """The first of these paths, in brackets."""
    more = f" and {len(paths) - _NUM_NAMED:,} more" if len(paths) > _NUM_NAMED else ""
    return f" ({', '.join(map(clean_line, paths[:_NUM_NAMED]))}{more})" if paths else ""
