"""Where `repoask pack` writes to: a file, with what lies beside it, or stdout. Knows nothing of how packs are made."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from ...context.pack.exports.destination import writing
from ...context.pack.exports.forms import Form, check_output, form_of
from ...context.pack.pack import manifest_beside
from ...errors import InputError
from . import console

if TYPE_CHECKING:
    from ...ingest.types import Snapshot
    from ..packing import Packed

__all__ = ["Output"]

_STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Output:
    """The files to be written.

    Attributes:
        form: How the pack is written.
        file: Where to, links followed; None for stdout.
        treemap: Where the treemap is drawn; None for nowhere.
    """

    form: Form
    file: Path | None = None
    treemap: Path | None = None

    @classmethod
    def named(cls, name: str, *, with_treemap: bool) -> "Output":
        """What a user named, checked before any work is done.

        Raises:
            InputError: The name tells no form, or something else has written what lies there.
        """
        if name == _STDOUT:
            return cls(Form.TEXT)
        path = Path(name)
        form = form_of(path)
        file = check_output(path, form)
        if not with_treemap:
            return cls(form, file)
        return cls(form, file, check_output(file.with_suffix(".treemap.svg"), Form.TREEMAP))

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are written."""
        beside = manifest_beside(self.file) if self.file and self.form is Form.IDS else None
        return tuple(path for path in (self.file, beside, self.treemap) if path)

    def check_tokenizer(self, name: str) -> None:
        """Refuses ids where there is no tokenizer.

        Raises:
            InputError: None is named.
        """
        if self.form is Form.IDS and not name:
            raise InputError(f"{self.file}: token ids need a model's tokenizer; name it with --tokenizer")

    def write(self, packed: "Packed", snapshot: "Snapshot") -> None:
        """Writes the pack, and the treemap where there is to be one.

        Raises:
            InputError: A file cannot be written.
            SourceError: A file of the snapshot vanished or changed.
        """
        from ..exporting import export, tree_of, write_export

        if self.file is None:
            write_export(packed, self.form, cast(BinaryIO, _Stdout()), snapshot=snapshot)
            return
        export(packed, self.form, self.file, snapshot=snapshot)
        if self.treemap:
            from ...context.pack.treemap import treemap

            with writing(self.treemap) as out:
                out.write(treemap(tree_of(packed, snapshot), exact=packed.pack.exact).encode())


class _Stdout:
    """stdout as a stream of bytes."""

    def write(self, data: bytes) -> None:
        """Writes at once."""
        console.write_bytes(data)
