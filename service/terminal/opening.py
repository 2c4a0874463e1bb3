"""Opens what the user named: source, snapshot and index, each step measured for the receipt. Knows no question."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ...config import Configuration
from ...context.index.catalog import Catalog
from ...context.index.index import View, open_view
from ...ingest.snapshot import take_snapshot
from ...ingest.sources import open_source
from ...ingest.types import Progress, Selection

__all__ = ["Opening"]


class Opening:
    """A source that is open, and the way from it to an index that can be asked.

    Attributes:
        source: What was named.
        seconds: Time of each step, by stage.
    """

    def __init__(self, spec: str, configuration: Configuration, *, progress: Progress) -> None:
        """Opens the source; a URL is cloned, once.

        Raises:
            SourceError: Nothing there, no permission, damaged, or it cannot be cloned.
            OfflineError: It would need the network.
        """
        self.seconds: dict[str, float] = {}
        self._configuration = configuration
        self._progress = progress
        self._catalog = Catalog(configuration.cache, max_bytes=configuration.settings.cache_size)
        with self._measured("open"):
            self.source = open_source(
                spec, clones=configuration.cache / "clones", offline=configuration.settings.offline, progress=progress
            )

    def view(self, *, revision: str | None) -> View:
        """The index of a revision, or of the work tree, made ready where it is not."""
        folder = self._catalog.folder(self.source)
        selection = _selection(self._configuration)
        with self._measured("list"):
            snapshot = take_snapshot(
                self.source, revision=revision, selection=selection, stat_cache=folder / "stat-cache.json"
            )
        with self._measured("index"):
            return open_view(snapshot, folder=folder, selection=selection, progress=self._progress)

    @contextmanager
    def _measured(self, stage: str) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = time.perf_counter() - begin


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
