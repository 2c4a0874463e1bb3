"""What a pack says of itself, as one JSON document: segments, entries, the log's state, what was left out.

Strings of a column are joined into one and numbers stand in lists, so that 12,000 files are read in 5 ms. Knows nothing
of where a manifest lies, nor how a log goes on.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from pathlib import Path
from typing import Any

from ...errors import PackError
from ...ingest.types import Omission, Reason

__all__ = ["PACK_VERSION", "Entries", "Extent", "Manifest", "Segment", "read_manifest"]

PACK_VERSION = 1
"""Raised when this document, or what a pack's text looks like, changes; other versions are refused."""

_ASK_ANEW = "pack anew, without --onto"


@dataclass(frozen=True, slots=True)
class Extent:
    """Where bytes lie.

    Attributes:
        file: Its name, in the folder of the manifest.
        start: Offset of the first byte.
    """

    file: str
    start: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of entries that never changes.

    Attributes:
        digest: SHA-256 of its text and its ids, hex.
        num_entries: How many entries it holds.
        num_tokens: In the tokens of the pack, or estimated.
        num_bytes: Of its text, in UTF-8.
        text_crc, ids_crc: CRC-32, looked at whenever the bytes are read; 0 for ids that are not there.
        text, ids: Where the text and the ids (little-endian, 4 bytes each) lie; None where they are not kept.
    """

    digest: str
    num_entries: int
    num_tokens: int
    num_bytes: int
    text_crc: int
    ids_crc: int
    text: Extent | None
    ids: Extent | None


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a pack in order, a list for each thing told of them.

    Attributes:
        kinds: Values of `EntryKind`.
        paths: Of the file that an entry tells of, after a renaming; "" where it is of none.
        contents: Names the text of a whole file; "" elsewhere.
        tokens: How many each has.
        sizes: Bytes of text that each has.
    """

    kinds: list[str]
    paths: list[str]
    contents: list[str]
    tokens: list[int]
    sizes: list[int]

    def first(self, number: int) -> "Entries":
        """The first of them."""
        return Entries(*(getattr(self, field.name)[:number] for field in fields(self)))

    def then(self, other: "Entries") -> "Entries":
        """These and others behind them."""
        return Entries(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    def __len__(self) -> int:
        return len(self.kinds)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that is known of a pack but its text and ids.

    Attributes:
        key: Names what the pack was made from: the snapshot, the choice, the pack before, the tokenizer.
        transform: Names all that decides what a file's bytes become.
        tokenizer_id: Of the tokenizer that gave the ids; "" where counts are estimates.
        tokenizer_name: As it is said to the user.
        commit: The commit that was packed, or that is checked out; None where there is none.
        segments: In order.
        entries: In order; every segment holds a run of them.
        state: Of the log, to go on with.
        omissions: What is left out, sorted by path.
        unpackable: Why contents of the snapshot are left out, by content.
    """

    key: str
    transform: str
    tokenizer_id: str
    tokenizer_name: str
    commit: str | None
    segments: tuple[Segment, ...]
    entries: Entries
    state: Any
    omissions: tuple[Omission, ...]
    unpackable: Mapping[str, Reason]

    @property
    def chain(self) -> list[str]:
        """The id of the pack up to and with each segment: H(the one before, the segment). Hex."""
        root = hashlib.sha256(f"repoask pack {PACK_VERSION} {self.tokenizer_id}".encode()).hexdigest()
        links = accumulate((segment.digest for segment in self.segments), _link, initial=root)
        return list(links)[1:]

    def to_json(self) -> bytes:
        """The document; `from_json` reads it."""
        extents = [[_columns(getattr(segment, name) for segment in self.segments)] for name in ("text", "ids")]
        document = {
            "repoask pack": PACK_VERSION,
            "key": self.key,
            "transform": self.transform,
            "tokenizer": {"id": self.tokenizer_id, "name": self.tokenizer_name},
            "commit": self.commit,
            "tokens": sum(segment.num_tokens for segment in self.segments),
            "bytes": sum(segment.num_bytes for segment in self.segments),
            "chain": self.chain[-1] if self.segments else "",
            "segments": {
                name: [getattr(segment, name) for segment in self.segments]
                for name in ("digest", "num_entries", "num_tokens", "num_bytes", "text_crc", "ids_crc")
            },
            "extents": {"text": extents[0][0], "ids": extents[1][0]},
            "entries": {
                "kinds": _joined(self.entries.kinds),
                "paths": _joined(self.entries.paths),
                "contents": _joined(self.entries.contents),
                "tokens": self.entries.tokens,
                "sizes": self.entries.sizes,
            },
            "state": self.state,
            "omissions": {
                "paths": _joined([omission.path for omission in self.omissions]),
                "reasons": _joined([omission.reason for omission in self.omissions]),
            },
            "unpackable": self.unpackable,
        }
        return json.dumps(document, separators=(",", ":")).encode("ascii")


def read_manifest(path: Path) -> Manifest:
    """The manifest that lies in a file.

    Raises:
        FileNotFoundError: There is no such file.
        PackError: It is none, is damaged, or of another version.
    """
    try:
        document = json.loads(path.read_bytes())
        version = document["repoask pack"]
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PackError(f"{path}: it cannot be read ({error.strerror or error}); {_ASK_ANEW}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PackError(f"{path}: no manifest of a pack, or damaged; {_ASK_ANEW}") from error
    check_version(path, version)
    try:
        return _manifest(document)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise PackError(f"{path}: the manifest is damaged; {_ASK_ANEW}") from error


def check_version(path: Path, version: object) -> None:
    """Refuses a pack that another version of repoask made in another way.

    Raises:
        PackError: Older or newer.
    """
    if version == PACK_VERSION:
        return
    if isinstance(version, int) and version > PACK_VERSION:
        raise PackError(
            f"{path}: a newer repoask made it (pack format {version}, this one reads {PACK_VERSION}); "
            f"update repoask, or {_ASK_ANEW}"
        )
    raise PackError(f"{path}: an older repoask made it (pack format {version}); {_ASK_ANEW}")


def _manifest(document: dict[str, Any]) -> Manifest:
    parts, entries, left_out = document["segments"], document["entries"], document["omissions"]
    extents = [_extents(document["extents"][name], len(parts["digest"])) for name in ("text", "ids")]
    reasons = map(Reason, _split(left_out["reasons"]))
    columns = (parts[name] for name in ("digest", "num_entries", "num_tokens", "num_bytes", "text_crc", "ids_crc"))
    manifest = Manifest(
        key=document["key"],
        transform=document["transform"],
        tokenizer_id=document["tokenizer"]["id"],
        tokenizer_name=document["tokenizer"]["name"],
        commit=document["commit"],
        segments=tuple(map(Segment, *columns, *extents)),
        entries=Entries(
            *(_split(entries[name]) for name in ("kinds", "paths", "contents")), entries["tokens"], entries["sizes"]
        ),
        state=document["state"],
        omissions=tuple(map(Omission, _split(left_out["paths"]), reasons)),
        unpackable={content: Reason(reason) for content, reason in document["unpackable"].items()},
    )
    if (manifest.chain[-1] if manifest.segments else "") != document["chain"]:
        raise ValueError("the chain differs")
    return manifest


def _link(before: str, digest: str) -> str:
    return hashlib.sha256(f"{before}{digest}".encode("ascii")).hexdigest()


def _columns(extents: Iterable[Extent | None]) -> dict[str, Any]:
    """Extents as a list of file names, and two numbers for each: the file's, -1 for none, and the start."""
    files: dict[str, int] = {}
    rows = [(-1, 0) if one is None else (files.setdefault(one.file, len(files)), one.start) for one in extents]
    return {"files": list(files), "file": [file for file, _ in rows], "start": [start for _, start in rows]}


def _extents(columns: dict[str, Any], number: int) -> list[Extent | None]:
    files = columns["files"]
    if not all(isinstance(name, str) and name == Path(name).name for name in files):
        raise ValueError("a file outside the folder")
    found = [
        None if file < 0 else Extent(files[file], start)
        for file, start in zip(columns["file"], columns["start"], strict=True)
    ]
    if len(found) != number:
        raise ValueError("a segment without its place")
    return found


def _joined(strings: Sequence[str]) -> str:
    """One string of many, each ended by NUL, which is in none of them."""
    return "".join([f"{string}\0" for string in strings])


def _split(joined: str) -> list[str]:
    return joined.split("\0")[:-1]
