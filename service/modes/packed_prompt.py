"""Lays out the prompt of a whole snapshot: rules and pack, which all questions share, then turns, evidence, question.

`[opening, rules][pack] | [turns][evidence][question]`: what stands before the bar is the same bytes for every question,
and from commit to commit as far as the pack goes on. Token ids where the engine takes them, messages elsewhere. Knows
nothing of servers, nor of how a pack was chosen.
"""

import hashlib
import struct
from collections.abc import Sequence
from string import Template
from typing import TYPE_CHECKING, Protocol

from ...context.control_tokens import harmless
from ...context.types import CommitEvidence, Evidence
from ..engine.chat_template import ChatTemplate, Ids
from ..engine.protocol import Message, Prompt, Segment
from ..prompting import (
    make_nonce,
    question_text,
    read_prompt,
    repair_messages,
    repair_prompt,
    span_texts,
)

if TYPE_CHECKING:
    from ...context.pack.pack import Pack
    from ...context.pack.types import Tokenizer

__all__ = ["IdsLayout", "Layout", "MessagesLayout", "evidence_budget", "request_text", "rules_text"]

# of the evidence that is repeated, as a share of the pack: to read a small pack nearly twice helps nobody
_EVIDENCE_SHARE = 1 / 8
_LEAST_EVIDENCE_TOKENS = 1_000


def rules_text() -> str:
    """How to answer: the same for every repository and question."""
    return f"{read_prompt('full.md').strip()}\n\n"


def evidence_budget(wanted: int, *, pack_tokens: int) -> int:
    """About how many tokens of evidence to repeat."""
    return min(wanted, max(_LEAST_EVIDENCE_TOKENS, int(pack_tokens * _EVIDENCE_SHARE)))


def request_text(
    question: str,
    evidence: Sequence[Evidence] = (),
    *,
    missing: Sequence[str] = (),
    commits: Sequence[CommitEvidence] = (),
) -> str:
    """The last message: the best evidence once more, just before the question."""
    asked = question_text(question, missing=missing)
    if not evidence and not commits:
        return asked
    places = span_texts(evidence, commits)
    nonce = make_nonce(asked, places)
    return Template(read_prompt("full_request.md")).substitute(nonce=nonce, places=places) + asked


class Layout(Protocol):
    """A pack as the beginning of prompts."""

    def prompt(self, earlier: Sequence[Message], request: str) -> Prompt:
        """The whole prompt.

        Args:
            earlier: Questions and answers of the session, oldest first.
            request: The last message.

        Raises:
            PackError: The files of the pack are gone or damaged.
        """
        ...

    def repair_prompt(self, prompt: Prompt, reply: str, problem: str) -> Prompt | None:
        """The prompt that asks once more for a reply to one of these prompts; see `prompting.repair_messages`."""
        ...


class MessagesLayout:
    """For engines that render the template themselves. What could be read as a control token is made harmless."""

    def __init__(self, pack: "Pack") -> None:
        """Reads the text of the pack with the first prompt."""
        self._pack = pack

    def prompt(self, earlier: Sequence[Message], request: str) -> Prompt:
        """Chat messages; the pack stands in the system message."""
        text = b"".join(self._pack.text()).decode()
        system = Message("system", rules_text() + harmless(text))
        return Prompt(messages=(system, *earlier, Message("user", request)))

    def repair_prompt(self, prompt: Prompt, reply: str, problem: str) -> Prompt | None:
        """The messages, the reply, and what asks once more."""
        return repair_prompt(prompt, reply, problem)


class IdsLayout:
    """For engines that take token ids: the pack's own, with the pieces of the model's template around them."""

    def __init__(self, pack: "Pack", *, template: ChatTemplate, tokenizer: "Tokenizer") -> None:
        """Reads the ids of the pack with the first prompt.

        Args:
            pack: Its ids are of this tokenizer.
            template: Of the model.
            tokenizer: Makes no control token of any text.
        """
        self._pack, self._template, self._tokenizer = pack, template, tokenizer

    def prompt(self, earlier: Sequence[Message], request: str) -> Prompt:
        """Token ids: the segments stand before the bar, all else behind it."""
        rules, *contents = self._encoded([rules_text(), *(message.content.strip() for message in earlier), request])
        head = Segment.of(_bytes_of((*self._template.opening, *rules)))
        return Prompt(segments=(head, *self._segments()), token_ids=self._template.behind_system(contents))

    def repair_prompt(self, prompt: Prompt, reply: str, problem: str) -> Prompt | None:
        """The ids, those of the reply, and those of what asks once more."""
        written, said = self._encoded([message.content for message in repair_messages(reply, problem)])
        behind = (*written, *self._template.assistant_to_user, *said, *self._template.end)
        return Prompt(segments=prompt.segments, token_ids=(*prompt.token_ids, *behind))

    def _segments(self) -> list[Segment]:
        """The pack's, each named by its ids: 4 ms for a million of them, half of it reading."""
        numbers = range(len(self._pack.manifest.segments))
        return [_segment(self._pack, number) for number in numbers]

    def _encoded(self, texts: Sequence[str]) -> list[Ids]:
        return [tuple(ids.tolist()) for ids in self._tokenizer.encode(texts)]


def _segment(pack: "Pack", number: int) -> Segment:
    ids = pack.segment_ids(number)
    return Segment(hashlib.sha256(ids).hexdigest(), len(ids) // 4, lambda: pack.segment_ids(number))


def _bytes_of(ids: Ids) -> bytes:
    return struct.pack(f"<{len(ids)}I", *ids)
