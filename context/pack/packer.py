"""Makes the pack of a snapshot, or finds it where it was made before. The one door for other folders.

What was made before is found without loading numpy, a tokenizer or a file of the snapshot. Knows nothing of commands
or files for other tools.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...errors import PackError
from ...ingest.reader import transform_id
from ...ingest.types import Progress, Reason, Selection, Snapshot
from ..garbage import fewer_collections
from .contents import Contents, Material, material_digest, snapshot_digest
from .manifest import PACK_VERSION, Manifest

if TYPE_CHECKING:
    from .assembly import Layout
    from .encoder import Encoder
    from .log import Advance, ContextLog
    from .pack import Pack
    from .pack_store import PackStore
    from .types import TokenCounter

__all__ = ["THETA", "pack_snapshot"]

THETA = 0.2
"""The share of superseded text that a pack may hold at most."""


@fewer_collections()
def pack_snapshot(
    snapshot: Snapshot,
    *,
    selection: Selection,
    tokenizer: "TokenCounter",
    store: "PackStore",
    onto: "Pack | None" = None,
    material: Material | None = None,
    theta: float = THETA,
    progress: Progress | None = None,
) -> "Pack":
    """The pack of a snapshot, kept in the store.

    The same snapshot, tokenizer and pack before give the same bytes on any machine.

    Args:
        snapshot: The files.
        selection: What it was taken with.
        tokenizer: A `Tokenizer`, or a `TokenCounter` for a pack that is text alone.
        store: Where packs, texts and ids are kept.
        onto: A pack to go on from, so that a model's cache of its beginning stays good; None to start anew.
        material: A choice from the snapshot; None for all of it.
        theta: The share of superseded text that the pack may hold.
        progress: Told of long work.

    Raises:
        SourceError: A file vanished or changed since the snapshot was taken.
        PackError: `onto` cannot be continued, or the pack cannot be written.
    """
    if material is None:
        digest = snapshot_digest(snapshot, selection=selection)
    else:
        digest = material_digest(material, selection=selection)
    key = _key(digest, tokenizer, theta=theta, onto=onto)
    found = store.find(key, tokenizer=tokenizer)
    if found is not None:
        return found
    return _Run(snapshot, selection, tokenizer, store, digest, theta, progress).pack(key, onto, material)


class _Run:
    """One pack in the making."""

    def __init__(
        self,
        snapshot: Snapshot,
        selection: Selection,
        tokenizer: "TokenCounter",
        store: "PackStore",
        digest: str,
        theta: float,
        progress: Progress | None,
    ) -> None:
        self._snapshot, self._selection, self._tokenizer = snapshot, selection, tokenizer
        self._store, self._theta, self._progress = store, theta, progress
        self._transform = transform_id(selection)
        self._revision = _revision(snapshot, digest)

    def pack(self, key: str, onto: "Pack | None", material: Material | None) -> "Pack":
        from .assembly import lay_out
        from .encoder import Encoder

        if onto is not None:
            self._check_onto(onto)
        encoder = Encoder(self._tokenizer, folder=self._store.ids_folder)
        unpackable: Mapping[str, Reason] = {}
        if material is None:
            contents = self._contents(onto)
            material, unpackable = contents, contents.unpackable
        log, advance = self._log(material, onto, encoder)
        with self._store.writing(key, with_ids=encoder.has_ids) as writer:
            layout = lay_out(advance.added, onto=onto, num_kept=advance.num_kept, writer=writer, encoder=encoder)
        encoder.flush()
        manifest = self._manifest(key, material, unpackable, log, layout, encoder)
        return self._store.keep(manifest, tokenizer=self._tokenizer)

    def _check_onto(self, onto: "Pack") -> None:
        ours = (getattr(self._tokenizer, "id", ""), self._tokenizer.exact)
        if (onto.manifest.tokenizer_id, onto.exact) != ours:
            raise PackError(
                f"the pack to go on from was made with {onto.tokenizer_name}, not with {self._tokenizer.name}: "
                "name the same --tokenizer, or pack anew, without --onto"
            )
        if onto.manifest.transform not in ("", self._transform):
            # superseded text stays in a pack: what other rules let through would stay with it
            raise PackError(
                "the pack to go on from was made with other rules of what is left out or withheld; "
                "pack anew, without --onto"
            )

    def _contents(self, onto: "Pack | None") -> Contents:
        return Contents(
            self._snapshot,
            selection=self._selection,
            cache=self._store.texts(),
            known=onto.manifest.unpackable if onto else {},
            current=onto.current if onto else {},
            progress=self._progress,
        )

    def _log(self, material: Material, onto: "Pack | None", encoder: "Encoder") -> "tuple[ContextLog, Advance]":
        from .loading import recognised
        from .log import Advance, ContextLog

        if onto is None:
            log = ContextLog.start(
                material.files, read=material.text, measure=encoder.measure, revision=self._revision, theta=self._theta
            )
            return log, Advance(0, tuple(log.entries), rewritten=False)
        log = ContextLog.restore(
            recognised(onto, material.files, material.text),
            read_entry=onto.entries.text,
            measure=encoder.measure,
            theta=self._theta,
        )
        return log, log.advance(material.files, read=material.text, revision=self._revision)

    def _manifest(
        self,
        key: str,
        material: Material,
        unpackable: Mapping[str, Reason],
        log: "ContextLog",
        layout: "Layout",
        encoder: "Encoder",
    ) -> Manifest:
        return Manifest(
            key=key,
            transform=self._transform,
            tokenizer_id=getattr(self._tokenizer, "id", "") if encoder.has_ids else "",
            tokenizer_name=self._tokenizer.name,
            exact=self._tokenizer.exact,
            commit=self._snapshot.commit,
            segments=layout.segments,
            sizes=layout.sizes,
            state=log.state.to_json(),
            omissions=tuple(material.omissions),
            unpackable=unpackable,
        )


def _revision(snapshot: Snapshot, digest: str) -> str:
    """How the pack's text names the snapshot: the commit, or what lies in its stead."""
    if snapshot.commit and not snapshot.dirty:
        return snapshot.commit
    return f"{snapshot.commit or 'worktree'}+{digest[:12]}"


def _key(digest: str, tokenizer: "TokenCounter", *, theta: float, onto: "Pack | None") -> str:
    """Names all that decides the bytes of a pack. Hex."""
    before = onto.id if onto else ""
    parts = (PACK_VERSION, digest, getattr(tokenizer, "id", ""), tokenizer.name, theta, before)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:40]
