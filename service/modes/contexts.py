"""What a model answers one question from: the spans that retrieval found, or the whole snapshot as a pack.

Both give the prompt, say which citations may rest on it, and account for it in the receipt. Know nothing of servers,
nor of how one of them was chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from ...context.citations import CitationChecker
from ...context.types import Citation, Evidence, Explained, SearchResult
from ..answer import Mode, PackReceipt
from ..assembly import spans_by_path
from ..engine.protocol import Prompt
from ..prompting import build_prompt, fit_evidence
from .cited import cited_evidence
from .packed_prompt import Layout, evidence_budget, request_text
from .snapshot_packs import SnapshotPack

if TYPE_CHECKING:
    from ...context.index.index import View
    from ...ingest.types import Snapshot
    from ..session.earlier import EarlierTurns

__all__ = ["ModelContext", "PackedContext", "RetrievedContext"]


@dataclass(frozen=True, slots=True)
class RetrievedContext:
    """The best spans.

    Attributes:
        given: Those that stand in the prompt.
        num_found: How many retrieval found.
        earlier: What of the session goes before the question; None outside a session.
        because: Why not the whole, or that nobody asked for it.
        pack: None: there is no pack.
        warnings: What the reader should know, one sentence each.
        mode: As the answer names it.
    """

    given: tuple[Evidence, ...]
    num_found: int
    earlier: "EarlierTurns | None" = None
    because: str = "a model was named"
    pack: None = None
    warnings: tuple[str, ...] = ()
    mode: Mode = "retrieved"

    def since(self, because: str) -> "RetrievedContext":
        """The same, chosen for this reason."""
        return replace(self, because=because)

    @property
    def why(self) -> str:
        """Why retrieval, and how much of what it found was given."""
        return f"{self.because}; it was given the best {len(self.given)} of {self.num_found} spans"

    def prompt(self, question: str, *, result: SearchResult, explained: Explained) -> Prompt:
        """Rules, turns, evidence, question."""
        return build_prompt(
            question,
            self.given,
            missing=result.missing,
            commits=explained.commits,
            earlier=self.earlier.messages if self.earlier else (),
        )

    def checker(self, snapshot: "Snapshot") -> CitationChecker:
        """A citation may rest on the spans."""
        return CitationChecker(snapshot, context=spans_by_path(self.given))

    def cited(self, citations: Sequence[Citation], *, view: "View", result: SearchResult) -> tuple[Evidence, ...]:
        """None: nothing can be cited but evidence."""
        return ()


@dataclass(frozen=True, slots=True)
class PackedContext:
    """The whole snapshot, or what of it fits, with the best spans once more before the question.

    Attributes:
        packed: The snapshot.
        layout: Makes prompts of it.
        why: Why the whole, in words.
        given: The spans that are repeated.
        earlier: What of the session goes before the question; None outside a session.
        warnings: What the reader should know, one sentence each.
        mode: As the answer names it.
    """

    packed: SnapshotPack
    layout: Layout
    why: str
    given: tuple[Evidence, ...]
    earlier: "EarlierTurns | None" = None
    warnings: tuple[str, ...] = ()
    mode: Mode = "full"

    @classmethod
    def of(
        cls,
        packed: SnapshotPack,
        layout: Layout,
        *,
        why: str,
        result: SearchResult,
        max_evidence_tokens: int,
        earlier: "EarlierTurns | None" = None,
        warnings: tuple[str, ...] = (),
    ) -> "PackedContext":
        """With as much of the evidence as is worth repeating."""
        budget = evidence_budget(max_evidence_tokens, pack_tokens=packed.pack.num_tokens)
        given = fit_evidence(result.evidence, max_tokens=budget) if result.found else ()
        return cls(packed, layout, why, given, earlier, warnings)

    @property
    def pack(self) -> PackReceipt:
        """What the model read."""
        pack = self.packed.pack
        return PackReceipt(
            id=pack.id,
            tokens=pack.num_tokens,
            estimated=not pack.exact,
            kept=self.packed.num_kept_tokens,
            sections=pack.num_sections,
            files=self.packed.num_files,
            omitted=self.packed.num_omitted,
        )

    def prompt(self, question: str, *, result: SearchResult, explained: Explained) -> Prompt:
        """Rules, pack, turns, evidence, question."""
        request = request_text(question, self.given, missing=result.missing, commits=explained.commits)
        return self.layout.prompt(self.earlier.messages if self.earlier else (), request)

    def checker(self, snapshot: "Snapshot") -> CitationChecker:
        """A citation may rest on every line of the files that stand in the pack in full, and on the spans."""
        return CitationChecker(snapshot, context=spans_by_path(self.given), whole=self.packed.paths)

    def cited(self, citations: Sequence[Citation], *, view: "View", result: SearchResult) -> tuple[Evidence, ...]:
        """What the answer cites beside the evidence that retrieval found."""
        return cited_evidence(citations, view=view, known=result.evidence)


ModelContext: TypeAlias = RetrievedContext | PackedContext
"""Either: what `writing.Writing` makes the prompt, the checks and the receipt of."""
