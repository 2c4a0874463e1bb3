"""Opens what the user named: source, snapshot and index, each step measured for the receipt. Knows no question."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...config import Configuration
from ...context.index.catalog import Catalog
from ...context.stopwatch import Stopwatch
from ...ingest import secrets
from ...ingest.snapshot import take_snapshot
from ...ingest.sources import open_source
from ...ingest.types import Progress, Selection, Snapshot
from .engines import named_embedder

if TYPE_CHECKING:
    from ...context.index.index import View

__all__ = ["Opening", "catalog_of"]


def catalog_of(configuration: Configuration) -> Catalog:
    """What is kept of sources."""
    return Catalog(configuration.cache, max_bytes=configuration.settings.cache_size)


class Opening:
    """A source that is open, and the way from it to an index that can be asked.

    Attributes:
        source: What was named.
        selection: What is wanted of it.
        seconds: Time of each step, by stage.
    """

    def __init__(self, spec: str, configuration: Configuration, *, progress: Progress) -> None:
        """Opens the source; a URL is cloned, once.

        Raises:
            SourceError: Nothing there, no permission, damaged, or it cannot be cloned.
            OfflineError: It would need the network.
        """
        self._clock = Stopwatch()
        self.seconds = self._clock.seconds
        self.selection = _selection(configuration)
        self._configuration = configuration
        self._progress = progress
        # the index holds the text of sources; what cannot be made here is told where it is needed
        with suppress(OSError):
            configuration.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._catalog = catalog_of(configuration)
        secrets.configure(configuration.cache / "rules")
        with self._clock.stage("open"):
            self.source = open_source(
                spec, clones=self._catalog.clones, offline=configuration.settings.offline, progress=progress
            )

    def snapshot(self, *, revision: str | None = None, folder: Path | None = None) -> Snapshot:
        """The files at a revision, or of the work tree; `folder` is where they and their hashes are remembered."""
        with self._clock.stage("list"):
            return self._take(revision, folder)

    def _take(self, revision: str | None, folder: Path | None) -> Snapshot:
        return take_snapshot(
            self.source,
            revision=revision,
            selection=self.selection,
            stat_cache=folder / "stat-cache.json" if folder else None,
            record=folder / "snapshot.json" if folder else None,
        )

    def view(self, *, revision: str | None = None) -> "View":
        """The index of a revision, or of the work tree, made ready where it is not."""
        return self.view_of(self.snapshot(revision=revision, folder=self.folder()))

    def view_of(self, snapshot: Snapshot) -> "View":
        """The index of a snapshot of this source, made ready where it is not."""
        folder = self.folder()
        with self._clock.stage("index"):
            from ...context.index.index import open_view  # loads numpy: not before git has been started

            embedder = named_embedder(self._configuration)
            view = open_view(
                snapshot, folder=folder, selection=self.selection, embedder=embedder, progress=self._progress
            )
            if view.report.route == "built":
                self.trim()
                # what had changed just before the first listing was too new to be remembered: the next question gains
                self._take(snapshot.revision, folder)
        return view

    def folder(self) -> Path:
        """Where all that is kept of the source lies, but its clone."""
        return self._catalog.folder(self.source)

    def trim(self) -> None:
        """Removes what is kept of the sources least recently used, where all together are over the limit."""
        self._catalog.trim(keep=self.source)


def _selection(configuration: Configuration) -> Selection:
    settings = configuration.settings
    return Selection(
        include=settings.include,
        exclude=settings.exclude,
        max_file_bytes=settings.max_file_size,
        all_files=settings.all_files,
        allow_secrets=settings.allow_secrets,
        submodules=settings.submodules,
    )
