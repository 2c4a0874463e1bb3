"""The forms that a pack is written in, each known by the ending of a file's name and by how such files begin.

Knows nothing of how they are written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from ....errors import InputError
from ....ingest.disk import Folders, read_file
from ....ingest.types import FileEntry, Omission, Reason, Snapshot, SourceKind
from ...storage.replacement import final_name
from ..pack import manifest_beside
from .destination import check_destination
from .openings import JSON_OPENING, MARKDOWN_OPENING, TOKEN_IDS_OPENING, TREEMAP_OPENING, XML_OPENING

__all__ = ["Form", "check_output", "form_of", "without_exports"]


class Form(StrEnum):
    """How a pack is written. The value is the ending of the file's name."""

    TEXT = "txt"
    MARKDOWN = "md"
    XML = "xml"
    JSON = "json"
    IDS = "npy"
    TREEMAP = "svg"


_OPENINGS = {
    Form.TEXT: (b'<rules format="',),
    Form.MARKDOWN: (MARKDOWN_OPENING,),
    Form.XML: (XML_OPENING,),
    Form.JSON: (JSON_OPENING, b'{"repoask pack":'),  # a manifest beside ids, too
    Form.IDS: (TOKEN_IDS_OPENING,),
    Form.TREEMAP: (TREEMAP_OPENING,),
}
_OPENINGS_BY_ENDING = {form.value: openings for form, openings in _OPENINGS.items()}


def form_of(path: Path) -> Form:
    """The form that the ending of a name tells.

    Raises:
        InputError: It tells none in which a pack is written, or it is a folder's.
    """
    if path.is_dir():
        raise InputError(f"{path}: a folder; name a file in it")
    try:
        form = Form(path.suffix[1:].lower())
    except ValueError:
        form = Form.TREEMAP
    if form is Form.TREEMAP:
        raise InputError(f"{path}: its ending tells no form; end it in .txt, .md, .xml, .json or .npy")
    return form


def check_output(path: Path, form: Form) -> Path:
    """The file to write, links followed.

    Raises:
        InputError: Something else has written it, or it is a folder.
    """
    file = check_destination(path, openings=_OPENINGS[form])
    if form is Form.IDS:
        check_destination(manifest_beside(file), openings=_OPENINGS[Form.JSON])
        if file.is_file() and file.stat().st_size and not manifest_beside(file).exists():
            raise InputError(f"{path}: it is there, and no pack of repoask; remove it, or name another file")
    return file


def without_exports(snapshot: Snapshot, outputs: Iterable[Path] = ()) -> Snapshot:
    """The snapshot without what repoask wrote into the folder.

    Packs of before are told among what is left out, half-written ones of a killed run, too; but those that git has
    committed stay. What is to be written now is no part of the snapshot at all, so that the first pack and the second
    one are the same.
    """
    source = snapshot.source
    if source.kind is SourceKind.BARE:
        return snapshot
    own = {path.relative_to(source.root).as_posix() for path in outputs if path.is_relative_to(source.root)}
    earlier = {entry.path for entry in _exports_in(snapshot)}
    taken = own | earlier
    kept = tuple(entry for entry in snapshot.entries if entry.path not in taken)
    if len(kept) == len(snapshot.entries):
        return snapshot
    left = [Omission(path, Reason.GENERATED) for path in sorted(earlier) if _final_path(path) not in own]
    dirty = tuple(path for path in snapshot.dirty if path not in taken)
    return replace(snapshot, entries=kept, dirty=dirty, omissions=(*snapshot.omissions, *left))


def _exports_in(snapshot: Snapshot) -> Iterator[FileEntry]:
    """The files of a work tree or folder that begin as one of ours does."""
    if snapshot.revision is not None:
        return
    folders = Folders(snapshot.source.root)
    for entry in snapshot.entries:
        if not entry.on_disk:
            continue
        final = _final_path(entry.path)
        openings = _OPENINGS_BY_ENDING.get(final.rpartition(".")[2].lower())
        if openings:
            length = max(map(len, openings))
            opening = read_file(snapshot.source.root, entry.path, folders=folders, max_bytes=length)
            # a run may have been killed before the first byte
            if opening is not None and (opening.startswith(openings) or (not opening and final != entry.path)):
                yield entry


def _final_path(path: str) -> str:
    """Of a half-written file the path that it was to take, of others their own."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{final_name(name)}"
