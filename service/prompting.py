"""Writes the prompt for a question: rules, numbered evidence inside marks that no repository text can forge, question.

Knows nothing of servers, nor of how the evidence was found. Tokens are estimated, never counted: the tokenizer is the
server's.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from string import Template

from ..context.citations import shown_path
from ..context.control_tokens import harmless
from ..context.types import CommitEvidence, Evidence
from .engine.protocol import Message, Prompt

__all__ = [
    "CHARS_PER_TOKEN",
    "build_prompt",
    "estimate_tokens",
    "fit_evidence",
    "make_nonce",
    "question_text",
    "read_prompt",
    "repair_messages",
    "repair_prompt",
    "span_texts",
    "turn_messages",
]

# source code with the tokenizers of Llama, Qwen and GPT lies between 3 and 4: an estimate, and called one
CHARS_PER_TOKEN = 3.5


def estimate_tokens(text: str) -> int:
    """How many tokens a text may be."""
    return round(len(text) / CHARS_PER_TOKEN)


def fit_evidence(evidence: Sequence[Evidence], *, max_tokens: int) -> tuple[Evidence, ...]:
    """The evidence that fits, best first; the first that does not is cut at a line, and the rest left out."""
    fitted: list[Evidence] = []
    left = max_tokens
    for item in evidence:
        cost = estimate_tokens(_span(item))
        if cost <= left:
            fitted.append(item)
            left -= cost
        elif cut := _cut(item, max_tokens=left):
            fitted.append(cut)
            break
    return tuple(fitted)


def build_prompt(
    question: str,
    evidence: Sequence[Evidence],
    *,
    missing: Sequence[str] = (),
    commits: Sequence[CommitEvidence] = (),
    earlier: Sequence[Message] = (),
) -> Prompt:
    """The whole prompt. The same question, evidence and earlier turns give the same bytes.

    Args:
        question: As asked.
        evidence: Best first; see `fit_evidence`.
        missing: Names and words of the question that stand nowhere in the repository.
        commits: What touched the evidence.
        earlier: Questions and answers of the session, oldest first; see `turn_messages`.
    """
    spans = span_texts(evidence, commits)
    asked = question_text(question, missing=missing)
    nonce = make_nonce(asked, spans, *(message.content for message in earlier))
    rules = Template(read_prompt("ask.md")).substitute(nonce=nonce).strip()
    if earlier:
        rules = f"{rules}\n{read_prompt('session.md').strip()}"
    request = f"<evidence {nonce}>\n{spans}\n</evidence {nonce}>\n\n{asked}"
    return Prompt(messages=(Message("system", rules), *earlier, Message("user", request)))


def span_texts(evidence: Sequence[Evidence], commits: Sequence[CommitEvidence] = ()) -> str:
    """Spans with their paths and the number of each line, then commits, as a prompt holds them between its marks."""
    return "\n\n".join([*map(_span, evidence), *map(_commit, commits)])


def question_text(question: str, *, missing: Sequence[str] = ()) -> str:
    """The question as a prompt ends with it, and what of it stands nowhere in the repository."""
    asked = f"Question: {harmless(question.strip())}"
    if not missing:
        return asked
    names = ", ".join(json.dumps(harmless(name), ensure_ascii=False) for name in missing)
    return f"{asked}\n\nThe whole repository was searched, and these words of the question stand nowhere in it: {names}"


def turn_messages(question: str, answer: str) -> tuple[Message, Message]:
    """An earlier turn as it stands in a prompt: a question of the user, and what was answered."""
    lines = "\n".join(map(harmless, answer.strip().split("\n")))
    return Message("user", f"Question: {harmless(question.strip())}"), Message("assistant", lines)


def repair_messages(reply: str, problem: str) -> tuple[Message, Message]:
    """A reply of the model, and what asks for it once more.

    Args:
        reply: What the model wrote.
        problem: What is wrong with it.
    """
    written = "\n".join(map(harmless, reply.strip().split("\n")))
    said = Template(read_prompt("repair.md")).substitute(problem=problem).strip()
    return Message("assistant", written), Message("user", said)


def repair_prompt(prompt: Prompt, reply: str, problem: str) -> Prompt | None:
    """The prompt that asks for a reply once more; None for one of token ids, which cannot go on in messages.

    Args:
        prompt: As it was asked.
        reply: See `repair_messages`.
        problem: See there.
    """
    return Prompt(messages=(*prompt.messages, *repair_messages(reply, problem))) if prompt.messages else None


def make_nonce(*texts: str) -> str:
    """12 hex digits that none of the texts holds, nor could: they depend on the whole of them."""
    nonce = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    while any(nonce in text for text in texts):
        nonce = hashlib.sha256(nonce.encode("ascii")).hexdigest()[:12]
    return nonce


def _span(item: Evidence) -> str:
    # JSON quotes the path: a file's name cannot end the line, nor look like one of ours
    head = f"{json.dumps(shown_path(item.path), ensure_ascii=False)} lines {item.start}-{item.end}"
    if item.symbol:
        head += f" in {shown_path(item.symbol)}"
    numbered = (f"{number}| {line}" for number, line in enumerate(item.text.split("\n"), item.start))
    return "\n".join([harmless(head), *map(harmless, numbered)])


def _commit(item: CommitEvidence) -> str:
    """A commit, so that nothing in its message can begin a line of its own without the mark of a message."""
    place = json.dumps(f"{shown_path(item.path)}:{item.start}-{item.end}@{item.commit[:12]}", ensure_ascii=False)
    head = f"commit {item.commit[:12]} of {item.date[:10]} by {json.dumps(item.author, ensure_ascii=False)} at {place}"
    message = [item.subject, *item.body.split("\n")] if item.body else [item.subject]
    return "\n".join(harmless(line) for line in [f"{head}: {item.reason}", *(f"| {line}" for line in message)])


def _cut(item: Evidence, *, max_tokens: int) -> Evidence | None:
    """The first lines of a span that fit, or None when not one line does."""
    lines = item.text.split("\n")
    kept = _count_fitting(_span(item).split("\n"), max_chars=int(max_tokens * CHARS_PER_TOKEN)) - 1
    if kept < 1:
        return None
    return replace(item, end=item.start + kept - 1, text="\n".join(lines[:kept]))


def _count_fitting(lines: Iterable[str], *, max_chars: int) -> int:
    count = 0
    for line in lines:
        max_chars -= len(line) + 1
        if max_chars < 0:
            break
        count += 1
    return count


@cache
def read_prompt(name: str) -> str:
    """A data file of prompts, as it stands."""
    return files(f"{__package__}.prompts").joinpath(name).read_text(encoding="utf-8")
