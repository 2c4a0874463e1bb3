"""The whole snapshot as what a model may be given: opened once for a question, used where the mode wants it.

Knows which tokenizer and which layout an engine takes. Knows nothing of terminals or settings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ...context.retrieval.breadth import breadth_of
from ..engine.protocol import EngineInfo
from .choice import ModeChoice, ModeChooser, ModeSetting, estimated_tokens
from .packed_prompt import IdsLayout, Layout, MessagesLayout
from .reach import Reach, Reserve
from .snapshot_packs import SnapshotPack, SnapshotPacks

if TYPE_CHECKING:
    from ...context.index.index import View
    from ...context.pack.pack_store import PackStore
    from ...context.pack.types import TokenCounter, Tokenizer
    from ...ingest.types import Progress, Selection
    from ..doctor.measurement import Measurement

__all__ = ["VLLM", "Laid", "Whole"]

VLLM = "vllm"
"""As `EngineInfo.engine` names it: it takes token ids, and keeps the caches of tenants apart."""

_NO_IDS = (
    "The server was sent text, not token ids: name the model's tokenizer with --tokenizer (or start the server with "
    "--enable-tokenizer-info-endpoint), and what it has cached is sure to be met again."
)
_NO_SHAPE = (
    "The server was sent text, not token ids: its chat template does not lay a conversation out message by message."
)


@dataclass(frozen=True, slots=True)
class Laid:
    """How a pack is laid out for an engine.

    Attributes:
        layout: The beginning of prompts.
        warning: What the reader should know of it; "" for nothing.
    """

    layout: Layout
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """What it takes to give a model a whole snapshot.

    Attributes:
        mode: As asked for.
        full_tokens: In `auto`, up to so many tokens the whole is given to any question.
        reserve: What a prompt needs beside the pack.
        measured: What was measured of the server; None where nothing was.
        selection: What the snapshot was taken with.
        store: Where packs are kept.
        open_tokenizer: Gives the tokenizer for an engine.
        templates: A folder where chat templates are remembered.
        api_key: Of the engine.
        progress: Told of long work.
    """

    mode: ModeSetting
    full_tokens: int
    reserve: Reserve
    measured: "Measurement | None"
    selection: "Selection"
    store: "PackStore"
    open_tokenizer: "Callable[[EngineInfo], TokenCounter]"
    templates: Path
    api_key: str | None = None
    progress: "Progress | None" = None

    def is_wanted(self, question: str, *, found: bool) -> bool:
        """Whether it may be used at all.

        Args:
            question: As asked.
            found: Retrieval judged that there is an answer. In `auto`, a question about a part, which is not there, is
                not worth a model.
        """
        return self.mode == "full" or found or breadth_of(question) is not None

    def choose(self, question: str, *, view: "View", find_info: Callable[[], EngineInfo]) -> ModeChoice:
        """What to ask a question with; `find_info` asks the engine who it is, where something hangs on it.

        Raises:
            InputError: Mode full, and nothing is known to fit.
            EngineError: The server's tokenizer cannot be asked.
        """
        chooser = ModeChooser(
            mode=self.mode,
            full_tokens=self.full_tokens,
            find_reach=cache(lambda: Reach.of(find_info(), self.measured)),
            reserve=self.reserve,
            estimate=estimated_tokens(view),
            packs=cache(lambda: self._packs(view, find_info())),
        )
        return chooser.choose(question)

    def lay_out(self, packed: SnapshotPack, info: EngineInfo, *, anew: bool = False) -> Laid:
        """The pack for an engine: token ids where it takes them, its text elsewhere.

        Args:
            packed: As it was chosen.
            info: What the engine told of itself.
            anew: Ask the server for its chat template, even where that is remembered.

        Raises:
            ConfigError: The tokenizer is not that of the server's model.
            EngineError: The server cannot be asked.
        """
        pack = packed.pack
        if info.engine != VLLM:
            return Laid(MessagesLayout(pack))
        if not pack.has_ids:
            return Laid(MessagesLayout(pack), _NO_IDS)
        from ..engine.vllm_chat import ServerChat

        tokenizer = cast("Tokenizer", packed.tokenizer)
        template = ServerChat(info, self.api_key, self.templates).template(tokenizer, anew=anew)
        if template is None:
            return Laid(MessagesLayout(pack), _NO_SHAPE)
        return Laid(IdsLayout(pack, template=template, tokenizer=tokenizer))

    def _packs(self, view: "View", info: EngineInfo) -> SnapshotPacks:
        return SnapshotPacks(
            view.snapshot,
            selection=self.selection,
            tokenizer=self.open_tokenizer(info),
            store=self.store,
            open_view=lambda: view,
            progress=self.progress,
        )
