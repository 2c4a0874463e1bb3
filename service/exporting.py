"""Writes a pack in the form that a user wants. Knows nothing of terminals."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from ..context.pack.exports.destination import writing
from ..context.pack.exports.forms import Form
from ..context.pack.pack import manifest_beside
from ..errors import InputError
from ..ingest.types import Snapshot

if TYPE_CHECKING:
    from ..context.pack.exports.types import Export
    from ..context.pack.token_tree import TokenTree
    from .packing import Packed

__all__ = ["export", "source_name", "tree_of", "write_export"]


def export(packed: "Packed", form: Form, file: Path, *, snapshot: Snapshot) -> None:
    """Writes a pack to a file, whole or not at all; of ids and their manifest both or none.

    Raises:
        InputError: It cannot be written.
        SourceError: A file of the snapshot vanished or changed.
    """
    write = _writer(packed, form, snapshot)
    with writing(file) as out:
        write(out)
        if form is Form.IDS:
            out.flush()  # from here on the ids have their room, and take their name when the manifest has its own
            _write_manifest(packed, file, num_bytes=out.tell())


def write_export(packed: "Packed", form: Form, out: BinaryIO, *, snapshot: Snapshot) -> None:
    """Writes a pack to a stream."""
    _writer(packed, form, snapshot)(out)


def tree_of(packed: "Packed", snapshot: Snapshot) -> "TokenTree":
    """The tokens of the files by folder."""
    from ..context.pack.token_tree import token_tree

    return token_tree(packed.pack.file_tokens.items(), name=source_name(snapshot))


def source_name(snapshot: Snapshot) -> str:
    """What people call the repository or folder."""
    source = snapshot.source
    name = PurePosixPath(source.url or source.root.as_posix()).name.removesuffix(".git")
    return f"{name}/{source.prefix}" if source.prefix else name


def _write_manifest(packed: "Packed", file: Path, *, num_bytes: int) -> None:
    """Ids without a manifest could not be continued: without it they are not written either."""
    try:
        packed.pack.write(file, num_bytes=num_bytes)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{manifest_beside(file)}: it cannot be written ({reason}); nothing was left") from error


def _writer(packed: "Packed", form: Form, snapshot: Snapshot) -> Callable[[BinaryIO], None]:
    """What writes a form. All that it takes is loaded: a signal during an import ends the process then and there."""
    if form is Form.TEXT:
        return partial(_write_all, packed.pack.text())
    if form is Form.IDS:
        from ..context.pack.exports.token_ids import write_token_ids  # loads numpy, which text needs not

        return lambda out: write_token_ids(packed.pack.ids(), out, count=packed.pack.num_tokens)
    if form is Form.MARKDOWN:
        from ..context.pack.exports.markdown import write_markdown as write
    elif form is Form.XML:
        from ..context.pack.exports.xml_document import write_xml as write
    else:
        from ..context.pack.exports.json_document import write_json as write
    return partial(write, _export_of(packed, snapshot))


def _write_all(parts: Iterable[bytes], out: BinaryIO) -> None:
    for part in parts:
        out.write(part)


def _export_of(packed: "Packed", snapshot: Snapshot) -> "Export":
    from ..context.pack.exports.types import Export, ExportFile

    material = packed.material
    counts = Counter(omission.reason.value for omission in packed.pack.omissions)
    return Export(
        name=source_name(snapshot),
        revision=_revision(snapshot),
        paths=[file.path for file in material.files],
        files=(ExportFile(file.path, material.text(file)) for file in material.files),
        left_out=dict(sorted(counts.items(), key=lambda count: (-count[1], count[0]))),
    )


def _revision(snapshot: Snapshot) -> str:
    if snapshot.commit and snapshot.dirty:
        return f"{snapshot.commit} with {len(snapshot.dirty):,} changed files"
    return snapshot.commit or ""
