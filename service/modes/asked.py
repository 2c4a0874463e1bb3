"""Decides what one question's model is given, once the engine is known as far as that needs.

An engine is asked who it is before the prompt is made only where something hangs on it: whether it takes token ids and
how long a prompt may be, or whether it separates tenants. Knows nothing of how a reply is made.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ...context.types import SearchResult
from ...errors import ConfigError
from ..engine.completion import describe
from ..engine.protocol import Engine, EngineInfo
from ..prompting import fit_evidence
from .contexts import ModelContext, PackedContext, RetrievedContext
from .whole import VLLM, Whole

if TYPE_CHECKING:
    from ...context.index.index import View
    from ..session.earlier import EarlierTurns
    from .choice import ModeChoice
    from .snapshot_packs import SnapshotPack

__all__ = ["Asked", "check_salt"]

_NOTHING = "there was nothing to give to the model"


def check_salt(info: EngineInfo) -> None:
    """Refuses a server that may not keep the caches of tenants apart, by what it told of itself.

    Raises:
        ConfigError: It is not known to be a vLLM server.
    """
    if info.engine != VLLM:
        raise ConfigError(
            f"tenant: {info.base_url} is not known to be a vLLM server, so what it caches for one tenant cannot "
            'be kept from another; start it if it does not run, or leave the tenant out (--tenant "")'
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's engine and what may be given to it.

    Attributes:
        engine: What answers.
        whole: The whole snapshot; None for retrieval alone.
        salt: Of the tenant; None for none.
        max_evidence_tokens: Budget of the evidence, estimated.
        earlier: What of the session goes before the question; None outside a session.
    """

    engine: Engine
    whole: Whole | None
    salt: str | None
    max_evidence_tokens: int
    earlier: "EarlierTurns | None" = None

    def context(self, question: str, *, view: "View", result: SearchResult) -> ModelContext | str:
        """What the model answers from, or why it is not asked at all.

        Raises:
            InputError: Mode full, and nothing is known to fit.
            ConfigError: The server may not keep tenants apart, or the tokenizer is not its model's.
            EngineError: The server cannot be asked for its tokenizer or template.
        """
        whole = self.whole if self.whole and view.num_files else None
        whole = whole if whole and whole.is_wanted(question, found=result.found) else None
        if whole is None and not result.found:
            return _NOTHING
        find_info = cache(lambda: describe(self.engine))
        if self.salt is not None:
            check_salt(find_info())
        choice = whole.choose(question, view=view, find_info=find_info) if whole else None
        if whole is not None and choice is not None and choice.packed is not None:
            return self._packed(whole, choice, choice.packed, result)
        return self._retrieved(choice, result)

    def _retrieved(self, choice: "ModeChoice | None", result: SearchResult) -> RetrievedContext | str:
        given = fit_evidence(result.evidence, max_tokens=self.max_evidence_tokens) if result.found else ()
        if not given:
            why = "no span fits evidence_tokens" if result.found else _NOTHING
            return why if choice is None else f"{choice.why}; {why}"
        context = RetrievedContext(given, len(result.evidence), self.earlier)
        return context if choice is None else context.since(choice.why)

    def _packed(
        self, whole: Whole, choice: "ModeChoice", packed: "SnapshotPack", result: SearchResult
    ) -> PackedContext:
        laid = whole.lay_out(packed, self.engine.info)
        return PackedContext.of(
            packed,
            laid.layout,
            why=choice.why,
            result=result,
            max_evidence_tokens=self.max_evidence_tokens,
            earlier=self.earlier,
            warnings=(laid.warning,) if laid.warning else (),
        )
