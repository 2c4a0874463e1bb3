"""The forms that a pack is written in, each known by the ending of a file's name and by how such files begin.

Knows nothing of how they are written.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from ....errors import InputError
from ....ingest.disk import Folders, read_file
from ....ingest.types import Omission, Reason, Snapshot, SourceKind
from ..pack import manifest_beside
from ..treemap import TREEMAP_OPENING
from .destination import check_destination
from .json_document import JSON_OPENING
from .markdown import MARKDOWN_OPENING
from .xml_document import XML_OPENING

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
    Form.IDS: (b"\x93NUMPY",),
    Form.TREEMAP: (TREEMAP_OPENING.encode(),),
}
_OPENINGS_BY_ENDING = {form.value: openings for form, openings in _OPENINGS.items()}


def form_of(path: Path) -> Form:
    """The form that the ending of a name tells.

    Raises:
        InputError: It tells none in which a pack is written.
    """
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
            raise InputError(f"{path}: it is there and no pack of repoask; remove it, or name another file")
    return file


def without_exports(snapshot: Snapshot, outputs: Iterable[Path] = ()) -> Snapshot:
    """The snapshot without what repoask wrote into the folder: what is to be written now, and any pack of before.

    Of what git has committed only the former is left out.
    """
    source = snapshot.source
    if source.kind is SourceKind.BARE:
        return snapshot
    own = {path.relative_to(source.root).as_posix() for path in outputs if path.is_relative_to(source.root)}
    if snapshot.revision is None:
        folders = Folders(source.root)
        for entry in snapshot.entries:
            if entry.on_disk and (openings := _OPENINGS_BY_ENDING.get(_ending(entry.path))):
                length = max(map(len, openings))
                head = read_file(source.root, entry.path, folders=folders, max_bytes=length)
                if head and head.startswith(openings):
                    own.add(entry.path)
    kept = tuple(entry for entry in snapshot.entries if entry.path not in own)
    if len(kept) == len(snapshot.entries):
        return snapshot
    left = [Omission(entry.path, Reason.GENERATED) for entry in snapshot.entries if entry.path in own]
    return replace(snapshot, entries=kept, omissions=(*snapshot.omissions, *left))


def _ending(path: str) -> str:
    return path.rpartition(".")[2].lower()
