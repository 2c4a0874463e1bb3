"""`repoask pack`: a whole repository as one prompt, in text or token ids, or as a document for other tools.

Knows nothing of how a pack is made: it opens, packs, writes, and says what it made.
"""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....config import Configuration
from ....errors import InputError
from .. import console
from ..amounts import read_count
from ..options import FILE_SETTINGS, INDEX_SETTINGS, revision_option, setting_options
from ..progress import TerminalProgress
from ..starting import configured

if TYPE_CHECKING:
    from ....context.pack.pack_store import PackStore
    from ....context.pack.types import TokenCounter
    from ....ingest.types import Snapshot
    from ...packing import Packed, Packing
    from ..opening import Opening
    from ..pack_output import Output

__all__ = ["command"]

_NOTHING = 1


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be packed, and how."""

    rev: str | None
    max_tokens: int | None
    question: str
    outline: bool
    onto: str | None
    stats: bool


@click.command("pack")
@click.argument("source", default=".", metavar="[PATH-or-URL]")
@click.option("-o", "--output", default="-", metavar="FILE", help="A .txt, .md, .xml, .json or .npy; - for stdout.")
@click.option("--max-tokens", type=read_count, metavar="N", help="The largest pack, as 200k or 1M.")
@click.option("--question", default="", metavar="TEXT", help="Where not all fits, choose what may answer this.")
@click.option("--outline", is_flag=True, help="What each file defines, instead of its text.")
@click.option("--onto", metavar="PREVIOUS", help="Go on from this .txt or .npy; what a model cached of it stays good.")
@click.option("--stats", is_flag=True, help="Tell where the tokens go; with -o draw it, too: NAME.treemap.svg.")
@revision_option
@setting_options("tokenizer", *FILE_SETTINGS, *INDEX_SETTINGS)
def command(source: str, output: str, **options: Any) -> int:
    """Pack a whole repository into one prompt.

    .txt is the prompt and .npy its token ids, with NAME.npy.manifest.json beside it. --onto continues either: what
    changed since is appended, and what a model's server has cached of it stays valid. .md, .xml and .json are the files
    as other tools take them. Where not all fits into --max-tokens, what matters most stands there in full and the rest
    as an outline: nothing is cut in silence. Exit code 1: there is nothing to pack.
    """
    from ..pack_output import Output
    from ..pack_receipt import pack_receipt

    begin = time.perf_counter()
    wish = _Wish(**{name: options.pop(name) for name in _Wish.__slots__})
    if wish.question and wish.max_tokens is None:
        raise InputError("--question chooses what fits; give --max-tokens, too")
    if wish.question and wish.outline:
        raise InputError("an outline is of everything; leave out --question or --outline")
    configuration = configured(source, options)
    target = Output.named(output, with_treemap=wish.stats)
    with TerminalProgress() as progress:
        snapshot, packed = _pack(source, wish, target, configuration, progress)
        if not packed.num_files(snapshot):
            _say_nothing(packed)
            return _NOTHING
        progress.stop()
        target.write(packed, snapshot)
    if wish.stats:
        _tell_stats(packed, snapshot)
    seconds = time.perf_counter() - begin
    console.say(pack_receipt(packed, snapshot, written=target.files, continues=wish.onto is not None, seconds=seconds))
    return 0


def _pack(
    source: str, wish: _Wish, target: "Output", configuration: Configuration, progress: TerminalProgress
) -> "tuple[Snapshot, Packed]":
    from ....context.pack.exports.forms import without_exports
    from ....context.pack.pack_store import PackStore
    from ..engines import guard_connections, named_tokenizer
    from ..opening import Opening

    guard_connections(configuration)
    tokenizer = named_tokenizer(configuration)
    target.check_tokenizer(tokenizer)
    opening = Opening(source, configuration, progress=progress)
    folder = opening.folder()
    snapshot = without_exports(opening.snapshot(revision=wish.rev, folder=folder), target.files)
    store = PackStore(folder)
    packing = _packing(snapshot, opening, store, wish, tokenizer, progress)
    if wish.outline:
        packed = packing.outlined(wish.max_tokens)
    elif wish.max_tokens is not None:
        from ..ranking import named_ranker

        packed = packing.fitting(wish.max_tokens, question=wish.question, ranker=named_ranker(configuration))
    else:
        packed = packing.whole()
    if store.has_grown:
        opening.trim()
    return snapshot, packed


def _packing(
    snapshot: "Snapshot",
    opening: "Opening",
    store: "PackStore",
    wish: _Wish,
    tokenizer: "TokenCounter",
    progress: TerminalProgress,
) -> "Packing":
    from ...packing import Packing

    onto = None
    if wish.onto is not None:
        from ....context.pack.loading import load_pack

        allowed = opening.selection.allow_secrets
        onto = load_pack(Path(wish.onto), tokenizer=tokenizer, store=store, allow_secrets=allowed)
    return Packing(
        snapshot,
        selection=opening.selection,
        tokenizer=tokenizer,
        store=store,
        open_view=lambda: opening.view_of(snapshot),
        onto=onto,
        progress=progress,
    )


def _tell_stats(packed: "Packed", snapshot: "Snapshot") -> None:
    from ...exporting import tree_of
    from ..pack_receipt import left_out_lines
    from ..token_table import render_token_table

    console.tell(render_token_table(tree_of(packed, snapshot), exact=packed.pack.exact) + left_out_lines(packed))


def _say_nothing(packed: "Packed") -> None:
    from ..phrases import left_out

    reasons = Counter(omission.reason.value for omission in packed.pack.omissions)
    console.say(f"nothing to pack: {left_out(reasons) if reasons else 'there are no files'}")
