"""Chooses between the whole snapshot and what retrieval found, and says why in words.

The whole is estimated from the sizes of its files; it is packed, and so counted, only where it may fit. Knows nothing
of prompts or servers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ...context.retrieval.breadth import breadth_of
from ...errors import InputError
from .reach import Reach, Reserve
from .snapshot_packs import SnapshotPack, SnapshotPacks

if TYPE_CHECKING:
    from ...context.index.index import View

__all__ = ["ModeChoice", "ModeChooser", "ModeSetting", "estimated_tokens"]

ModeSetting = Literal["auto", "full", "retrieval"]
"""What a user asks for."""

# Code of 27 languages has 3.6 to 3.9 bytes a token (`context/pack/tokenizers/estimate.py`), prose 4.5, Chinese 2.
_BYTES_A_TOKEN = 3.8
_TAG_TOKENS = 20  # around each file
# What is estimated at so much over a limit is not worth counting.
_NEAR = 1.35
_LEAST_ROOM = 2_000  # tokens: with less not even an outline says anything

_WHATS = {"inventory": "an inventory", "review": "a review", "summary": "a summary"}


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """What a question is asked with.

    Attributes:
        why: In words, for the receipt.
        packed: The snapshot as a pack; None for what retrieval found.
    """

    why: str
    packed: SnapshotPack | None = None


def estimated_tokens(view: "View") -> int:
    """About how many tokens the pack of a snapshot has, told from its index in a millisecond."""
    return round(view.num_bytes / _BYTES_A_TOKEN) + _TAG_TOKENS * view.num_files


@dataclass(frozen=True, slots=True)
class ModeChooser:
    """The choice for one snapshot and one model.

    Attributes:
        mode: As asked for.
        full_tokens: In `auto`, up to so many tokens the whole is given to any question.
        find_reach: Gives what the model is known to read; called only where something hangs on it.
        reserve: What a prompt needs beside the pack.
        estimate: Tokens of the whole, about.
        packs: Makes the packs; called only where one may be used.
    """

    mode: ModeSetting
    full_tokens: int
    find_reach: Callable[[], Reach]
    reserve: Reserve
    estimate: int
    packs: Callable[[], SnapshotPacks]

    def choose(self, question: str) -> ModeChoice:
        """What to ask a question with.

        Raises:
            InputError: Mode full, and nothing is known to fit.
            SourceError: A file vanished or changed since the snapshot was taken.
            PackError: A pack cannot be written.
        """
        if self.mode == "full":
            return self._full()
        breadth = breadth_of(question)
        if breadth is None:
            return self._small()
        return self._broad(_WHATS[breadth])

    def _small(self) -> ModeChoice:
        limit, what = self.full_tokens, f"full_tokens {self.full_tokens:,}"
        if self._is_far_over(limit):
            return ModeChoice(f"auto: the whole is about {self.estimate:,} tokens, over {what}")
        room = self.find_reach().room(self.reserve)
        if room is not None and room < limit:
            limit, what = room, self._context()
        whole, size = self._within(limit)
        if whole is not None:
            return ModeChoice(f"auto: the whole is {size} tokens, within {what}", whole)
        return ModeChoice(f"auto: the whole is {size} tokens, over {what}")

    def _broad(self, what: str) -> ModeChoice:
        small = self._small()
        if small.packed is not None:
            return small
        if not self.find_reach().known:
            return ModeChoice(
                f"auto: {what} needs everything, about {self.estimate:,} tokens, and how much the model reads is not "
                "known; `repoask doctor` measures it"
            )
        whole, size = self._within(self.find_reach().known_room(self.reserve))
        if whole is None:
            return ModeChoice(f"auto: {what} needs everything, but its {size} tokens are over {self._context()}")
        return ModeChoice(f"auto: {what} needs everything, and its {size} tokens are within {self._context()}", whole)

    def _full(self) -> ModeChoice:
        room = self.find_reach().room(self.reserve)
        if room is None:
            known = max(self.full_tokens, self.find_reach().known_room(self.reserve))
            whole, size = self._within(known)
            if whole is None:
                raise InputError(
                    f"mode full: the whole is {size} tokens, and the model is not known to read more than {known:,}; "
                    "`repoask doctor` measures it, a larger --full-tokens trusts it, --mode retrieval does without"
                )
            return ModeChoice(f"mode full: {size} tokens", whole)
        if room < _LEAST_ROOM:
            raise InputError(
                f"mode full: a context of {self.find_reach().known:,} leaves no room for files; lower --max-tokens, "
                "--evidence-tokens or --session-tokens, or ask with --mode retrieval"
            )
        packed = self.packs().fitting(room)
        if not packed.num_omitted:
            return ModeChoice(f"mode full: {_size(packed)} tokens", packed)
        return ModeChoice(
            f"mode full: the whole, about {self.estimate:,} tokens, is over {self._context()}; "
            f"{packed.num_files:,} files in {_size(packed)} tokens matter most, {packed.num_omitted:,} are not in full",
            packed,
        )

    def _within(self, limit: int) -> tuple[SnapshotPack | None, str]:
        """The whole where it has no more tokens than this, and how many it has, in words."""
        if self._is_far_over(limit):
            return None, f"about {self.estimate:,}"
        whole = self.packs().whole()
        return (whole if whole.pack.num_tokens <= limit else None), _size(whole)

    def _is_far_over(self, limit: int) -> bool:
        return self.estimate > limit * _NEAR

    def _context(self) -> str:
        return f"what a context of {self.find_reach().known:,} has room for"


def _size(packed: SnapshotPack) -> str:
    return f"{'' if packed.pack.exact else 'about '}{packed.pack.num_tokens:,}"
