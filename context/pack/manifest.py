"""What a pack says of itself, as one JSON document: its segments, the log's state, what was left out.

Strings of a column are joined into one and numbers stand in lists, so that 12,000 files are read in 5 ms. Knows nothing
of where a manifest lies, nor how a log goes on.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import PackError
from ...ingest.types import Omission, Reason

__all__ = ["PACK_VERSION", "Extent", "Manifest", "Segment", "named_files", "read_manifest"]

PACK_VERSION = 2
"""Raised when this document changes, or the text's `format.FORMAT`; other versions are refused."""

# The attributes of a segment that are numbers or words, and those that are extents; in the order of its fields.
_NUMBERS = ("digest", "num_entries", "num_tokens", "num_bytes", "text_crc", "ids_crc")
_EXTENTS = ("text", "ids")
_STRINGS = ("paths", "contents")
_EXTENTS_KEY = '"extents":'  # within a string its quotation marks would be escaped

# What a manifest begins with; `exports.forms` knows our files by it.
_HEAD = b'{"repoask pack":%d,"crc":%d,'

_ASK_ANEW = "pack anew, without --onto"


class Extent(NamedTuple):
    """Where bytes lie.

    Attributes:
        file: Its name, in the folder of the manifest.
        start: Offset of the first byte.
    """

    file: str
    start: int


class Segment(NamedTuple):
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
class Manifest:
    """All that is known of a pack but its text and ids.

    Attributes:
        key: Names what the pack was made from: the snapshot, the choice, the pack before, the tokenizer.
        transform: Names all that decides what a file's bytes become.
        tokenizer_id: Of the tokenizer that gave the ids; "" where counts are estimates.
        tokenizer_name: As it is said to the user.
        exact: Whether tokens are counted, not estimated.
        commit: The commit that was packed, or that is checked out; None where there is none.
        segments: In order.
        sizes: Bytes of each entry's text, in order; every segment holds a run of entries.
        state: Of the log, as `LogState.to_json` gives it: kind, path, content and tokens of each entry, to go on with.
        omissions: What is left out, sorted by path.
        unpackable: Why contents of the snapshot are left out, by content.
    """

    key: str
    transform: str
    tokenizer_id: str
    tokenizer_name: str
    exact: bool
    commit: str | None
    segments: tuple[Segment, ...]
    sizes: Sequence[int]
    state: Mapping[str, Any]
    omissions: tuple[Omission, ...]
    unpackable: Mapping[str, Reason]

    @property
    def chain(self) -> list[str]:
        """The id of the pack up to and with each segment: H(the one before, the segment). Hex."""
        root = hashlib.sha256(f"repoask pack {PACK_VERSION} {self.tokenizer_id}".encode()).hexdigest()
        links = accumulate((segment.digest for segment in self.segments), _link, initial=root)
        return list(links)[1:]

    def to_json(self) -> bytes:
        """The document, with a checksum of all that follows it; `read_manifest` reads it."""
        columns = self.state["columns"]
        document = {
            "key": self.key,
            "chain": self.chain[-1],
            "transform": self.transform,
            "tokenizer": {"id": self.tokenizer_id, "name": self.tokenizer_name, "exact": self.exact},
            "commit": self.commit,
            "tokens": sum(segment.num_tokens for segment in self.segments),
            "bytes": sum(segment.num_bytes for segment in self.segments),
            "segments": {name: [getattr(segment, name) for segment in self.segments] for name in _NUMBERS},
            "extents": {name: _rows(getattr(segment, name) for segment in self.segments) for name in _EXTENTS},
            "sizes": self.sizes,
            "state": {**self.state, "columns": {**columns, **{name: _joined(columns[name]) for name in _STRINGS}}},
            "omissions": {
                "paths": _joined([omission.path for omission in self.omissions]),
                "reasons": [omission.reason for omission in self.omissions],
            },
            "unpackable": self.unpackable,
        }
        body = memoryview(json.dumps(document, separators=(",", ":")).encode("ascii"))[1:]
        return _HEAD % (PACK_VERSION, zlib.crc32(body)) + body


def read_manifest(path: Path) -> Manifest:
    """The manifest that lies in a file.

    Raises:
        FileNotFoundError: There is no such file.
        PackError: It is none, is damaged, or of another version.
    """
    try:
        data = path.read_bytes()
        document = json.loads(data)
        version = document["repoask pack"]
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PackError(f"{path}: it cannot be read ({error.strerror or error}); {_ASK_ANEW}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PackError(f"{path}: no manifest of a pack, or damaged; {_ASK_ANEW}") from error
    _check_version(path, version)
    try:
        _check_sum(data, document["crc"])
        return _manifest(document)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise PackError(f"{path}: the manifest is damaged; {_ASK_ANEW}") from error


def named_files(path: Path) -> set[str]:
    """The files that the segments of a manifest lie in, found without reading the rest of it: 0.3 ms, not 5.

    Raises:
        OSError: There is no such file, or it cannot be read.
        ValueError: It is damaged.
    """
    text = path.read_bytes().decode("ascii")
    extents, _ = json.JSONDecoder().raw_decode(text, text.index(_EXTENTS_KEY) + len(_EXTENTS_KEY))
    return {file for name in _EXTENTS for file in extents[name]["files"]}


def _check_version(path: Path, version: object) -> None:
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


def _check_sum(data: bytes, checksum: int) -> None:
    """Finds what was edited: a log that goes on from a wrong number would tell of lines that are not there."""
    head = _HEAD % (PACK_VERSION, checksum)
    if not data.startswith(head) or zlib.crc32(memoryview(data)[len(head) :]) != checksum:
        raise ValueError("the checksum differs")


def _manifest(document: dict[str, Any]) -> Manifest:
    parts, tokenizer, left_out = document["segments"], document["tokenizer"], document["omissions"]
    state = document["state"]
    for name in _STRINGS:
        state["columns"][name] = _split(state["columns"][name])
    extents = [_extents(document["extents"][name], len(parts["digest"])) for name in _EXTENTS]
    manifest = Manifest(
        key=document["key"],
        transform=document["transform"],
        tokenizer_id=tokenizer["id"],
        tokenizer_name=tokenizer["name"],
        exact=tokenizer["exact"],
        commit=document["commit"],
        segments=tuple(map(Segment, *(parts[name] for name in _NUMBERS), *extents)),
        sizes=document["sizes"],
        state=state,
        omissions=tuple(map(Omission, _split(left_out["paths"]), map(Reason, left_out["reasons"]))),
        unpackable={content: Reason(reason) for content, reason in document["unpackable"].items()},
    )
    if manifest.chain[-1] != document["chain"]:
        raise ValueError("the chain differs")
    if not sum(parts["num_entries"]) == len(manifest.sizes) == len(state["columns"]["sizes"]):
        raise ValueError("the columns differ in length")
    return manifest


def _link(before: str, digest: str) -> str:
    return hashlib.sha256(f"{before}{digest}".encode("ascii")).hexdigest()


def _rows(extents: Iterable[Extent | None]) -> dict[str, Any]:
    """Extents as a list of file names, and two numbers for each: the file's, -1 for none, and the start."""
    files: dict[str, int] = {}
    rows = [(-1, 0) if one is None else (files.setdefault(one.file, len(files)), one.start) for one in extents]
    return {"files": list(files), "file": [file for file, _ in rows], "start": [start for _, start in rows]}


def _extents(columns: dict[str, Any], number: int) -> list[Extent | None]:
    files = columns["files"]
    if not all(isinstance(name, str) and name == Path(name).name and "\0" not in name for name in files):
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
    return "\0".join([*strings, ""])


def _split(joined: str) -> list[str]:
    return joined.split("\0")[:-1]
