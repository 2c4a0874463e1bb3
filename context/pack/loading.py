"""Opens a pack that a user kept as a file, to go on from it: an `.npy` of ids by its manifest, a `.txt` by reading it.

A text says nothing of blobs. What it holds is named by the text itself; where a snapshot has that very text at the same
path, it is the same file. Knows nothing of how a pack goes on.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError, PackError
from ...ingest.secrets import rules_hash, withhold
from .pack import Pack

if TYPE_CHECKING:
    from .encoder import Encoder
    from .entries import LogState, Row, Table
    from .pack_store import PackStore
    from .reader import Section
    from .types import PackFile, TokenCounter

__all__ = ["load_pack", "recognised"]

_NAMED_BY_TEXT = "text:"
_OPENING = b"<rules format="
_BATCH = 256  # entries that are measured in one go


def load_pack(path: Path, *, tokenizer: "TokenCounter", store: "PackStore", allow_secrets: bool = False) -> Pack:
    """The pack in a file.

    Args:
        path: An `.npy` with its manifest beside it, or a `.txt`.
        tokenizer: Gives the ids of a text again, and reads those of an `.npy`.
        store: Where a pack that was read from a text is kept.
        allow_secrets: What goes on from it may hold secrets. A text does not tell by what rules it was made.

    Raises:
        PackError: It is no pack, is damaged, of another version, or a text with a secret that is not allowed.
    """
    if path.suffix.lower() == ".npy":
        return Pack.load(path, tokenizer=tokenizer if hasattr(tokenizer, "decode") else None)  # type: ignore[arg-type]
    if path.suffix.lower() != ".txt":
        raise PackError(f"{path}: only .txt and .npy packs can be continued; pack anew, without --onto")
    data = _bytes_of(path)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise PackError(f"{path}: no pack, since it is not UTF-8; pack anew, without --onto") from error
    rules = "" if allow_secrets else rules_hash()
    made_with = ("read", getattr(tokenizer, "id", ""), tokenizer.name, rules)
    key = hashlib.sha256(data + repr(made_with).encode()).hexdigest()[:40]
    found = store.find(key, tokenizer=tokenizer)
    if found is not None:
        return found
    try:
        return _read(text, key, tokenizer, store, allow_secrets=allow_secrets)
    except PackError:
        raise
    except (InputError, KeyError) as error:
        raise PackError(f"{path}: {error}; pack anew, without --onto") from error


def _bytes_of(path: Path) -> bytes:
    """What lies in a file that begins as a pack does; of others, which may be of any size, little more is read.

    Raises:
        PackError: It is no such file, or cannot be read.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe without a writer would be waited for
            raise PackError(f"{path}: no file; pack anew, without --onto")
        with path.open("rb") as file:
            opening = file.read(len(_OPENING))
            if opening != _OPENING:
                raise PackError(f"{path}: not a pack: it does not begin with its rules; pack anew, without --onto")
            return opening + file.read()
    except OSError as error:
        raise PackError(f"{path}: it cannot be read ({error.strerror or error})") from error


def recognised(onto: Pack, files: Sequence["PackFile"], read: "Callable[[PackFile], str]") -> "LogState":
    """The state of a pack's log, in which files of a snapshot that it holds by their text have their own contents.

    Args:
        onto: A pack from anywhere; one whose contents are named by blobs stays as it is.
        files: Of the snapshot.
        read: Gives their texts; asked for those alone whose path the pack holds by text.
    """
    from .entries import LogState, Table, sections_of

    state = LogState.from_json(onto.manifest.state)
    if onto.manifest.transform:
        return state
    table = Table.of(state)
    held = sections_of(table, range(len(table)))
    contents = list(table.contents)
    for file in files:
        last = held[file.path][-1] if file.path in held else 0
        if contents[last].startswith(_NAMED_BY_TEXT) and contents[last] == _name(read(file)):
            contents[last] = file.content
    return replace(state, columns={**state.columns, "contents": contents})


def _read(text: str, key: str, tokenizer: "TokenCounter", store: "PackStore", *, allow_secrets: bool) -> Pack:
    from .assembly import lay_out
    from .encoder import Encoder
    from .entries import Table
    from .manifest import Manifest
    from .reader import parse, read_pack
    from .types import EntryKind

    files = read_pack(text)
    encoder = Encoder(tokenizer, folder=store.ids_folder)
    table = Table()
    revision = ""
    batch: list[Row] = []
    texts: dict[str, str] = {}
    for section in parse(text):
        batch.append(_row(section, text[section.start : section.end], texts))
        if section.kind in (EntryKind.FILE, EntryKind.PATCH) and not allow_secrets:
            _check_secrets(section.path, texts[section.path])
        revision = section.revision or revision
        if len(batch) == _BATCH:
            batch = _append(table, batch, encoder)
    _append(table, batch, encoder)
    if table.kinds[-1] is not EntryKind.CURRENT:
        raise InputError("a pack that is cut off, for it does not say which revision it is of")
    if table.kinds.count(EntryKind.CURRENT) > 1 or table.kinds.count(EntryKind.RULES) > 1:
        raise InputError("not a pack: it begins or ends more than once")
    _find_live_parts(table, files)
    entries = [table.entry(number) for number in range(len(table))]
    with store.writing(key, with_ids=encoder.has_ids) as writer:
        layout = lay_out(entries, onto=None, num_kept=0, writer=writer, encoder=encoder)
    encoder.flush()
    manifest = Manifest(
        key=key,
        transform="",  # a text does not tell by what rules it was made
        tokenizer_id=getattr(tokenizer, "id", "") if encoder.has_ids else "",
        tokenizer_name=tokenizer.name,
        exact=tokenizer.exact,
        commit=None,
        segments=layout.segments,
        sizes=layout.sizes,
        state=table.state(changes={}, revision=revision).to_json(),
        omissions=(),
        unpackable={},
    )
    return store.keep(manifest, tokenizer=tokenizer)


def _row(section: "Section", raw: str, texts: dict[str, str]) -> "Row":
    """The entry that a section is, in the pieces that it was made of.

    Args:
        section: As its text says it.
        raw: Its text.
        texts: Of each path so far; brought up to date.

    Raises:
        InputError: repoask would have written it otherwise.
    """
    from .entries import Row
    from .format import current, deleted, file, patch, renamed, rules, update
    from .reader import apply
    from .types import EntryKind

    row = Row(section.kind, (), section.path, source=section.source)
    match section.kind:
        case EntryKind.FILE:
            texts[section.path] = section.text
            name = _name(section.text)
            num_lines = section.text.count("\n") + (not section.text.endswith("\n")) if section.text else 0
            pieces = file(section.path, section.text, name)
            row = replace(row, pieces=pieces, content=name, num_lines=num_lines, num_chars=len(section.text))
        case EntryKind.PATCH:
            texts[section.path] = apply(section, texts[section.path])
            num_chars = sum(len(line) + 1 for line in section.lines)
            pieces = patch(section.path, section.hunks, section.lines, section.newline)
            name = _name(texts[section.path])
            row = replace(row, pieces=pieces, content=name, num_chars=num_chars, hunks=section.hunks)
        case EntryKind.RENAMED:
            texts[section.path] = texts.pop(section.source)
            row = replace(row, pieces=renamed(section.source, section.path))
        case EntryKind.DELETED:
            del texts[section.path]
            row = replace(row, pieces=deleted(section.path))
        case EntryKind.UPDATE:
            row = replace(row, pieces=update(section.revision))
        case EntryKind.CURRENT:
            row = replace(row, pieces=current(section.revision, section.num_files, section.patched))
        case EntryKind.RULES:
            row = replace(row, pieces=rules())
    if "".join(piece.text for piece in row.pieces) != raw:
        at = section.path or f"its {section.kind} section"
        raise InputError(f"not as repoask wrote it, at {at}: it was edited, or is of another version")
    return row


def _check_secrets(path: str, text: str) -> None:
    """Refuses what would be withheld from a snapshot: superseded or not, it would stay in the pack.

    Raises:
        InputError: The text holds a secret.
    """
    if withhold(text).text != text:
        raise InputError(f"it holds a secret that is withheld now, in {path} (--allow-secrets lets it in)")


def _append(table: "Table", rows: Sequence["Row"], encoder: "Encoder") -> "list[Row]":
    """Adds entries with their sizes; gives the list to go on with."""
    sizes: Iterator[int] = iter(encoder.measure([piece for row in rows for piece in row.pieces]))
    for row in rows:
        table.append(row, sum(next(sizes) for _ in row.pieces))
    return []


def _find_live_parts(table: "Table", files: dict[str, str]) -> None:
    """Fills in how much of each section is current."""
    from .entries import sections_of
    from .format import split_lines
    from .owners import live_parts
    from .types import EntryKind

    for number, kind in enumerate(table.kinds):
        if kind in (EntryKind.FILE, EntryKind.PATCH):
            table.lives[number] = 0
    for path, sections in sections_of(table, range(len(table))).items():
        if len(sections) == 1:
            table.lives[sections[0]] = table.sizes[sections[0]]
            continue
        for number, live in live_parts(table, sections, split_lines(files[path])[0]).items():
            table.lives[number] = live


def _name(text: str) -> str:
    return _NAMED_BY_TEXT + hashlib.sha256(text.encode()).hexdigest()[:32]
