"""Has a model write the answer from the evidence, streams it, and checks every citation that it makes.

Imported only where a model was named. Knows nothing of how evidence is found or how an answer is shown.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from ..context.citations import CitationChecker, any_valid
from ..context.endpoint import OnFirstUse
from ..context.history import MAX_SEARCHES
from ..context.index.index import View
from ..context.mentions import parse_citations, uncited_sentences
from ..context.prose import Span
from ..context.stopwatch import Stopwatch
from ..context.types import Evidence, Explained, SearchResult
from .answer import Answer, Receipt
from .assembly import make_answer, spans_by_path
from .engine.completion import complete
from .engine.protocol import Completion, Engine, Prompt, SamplingParams
from .gate import Gate
from .model_receipt import model_receipt, tokens_receipt
from .prompting import CHARS_PER_TOKEN, build_prompt
from .receipt import make_receipt
from .session.earlier import EarlierTurns

__all__ = ["NO_VALID_CITATION", "Writing"]

NO_VALID_CITATION = "No citation in this answer could be confirmed: treat it as unproven."

_NOT_FOUND = re.compile(r"\W*not found\b", re.IGNORECASE)
# Ollama cuts a prompt over its context length (4,096 tokens by default) without a word; no tokenizer's mean token of
# source is as long as this share makes it
_CUT_PROMPT_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Writing:
    """One question that a model answers.

    Attributes:
        explained: What history says of it, where the question asks for that.
        given: The evidence that fits its budget.
        on_delta: Gets the text as it comes, once a citation in it is confirmed.
        earlier: What of the session goes before the question; None outside a session.
    """

    question: str
    view: View
    result: SearchResult
    explained: Explained
    given: tuple[Evidence, ...]
    watch: Stopwatch
    on_delta: Callable[[str], None] | None
    earlier: EarlierTurns | None = None

    def answer(self, engine: Engine, *, params: SamplingParams, on_first_use: OnFirstUse | None) -> Answer:
        """The whole answer, when the reply has ended.

        Raises:
            EngineError: The model's server could not answer.
        """
        prompt = build_prompt(
            self.question,
            self.given,
            missing=self.result.missing,
            commits=self.explained.commits,
            earlier=self.earlier.messages if self.earlier else (),
        )
        checker = CitationChecker(self.view.snapshot, context=spans_by_path(self.given))
        gate = Gate(checker, self.on_delta, pass_at_once=_NOT_FOUND)
        announce = None if engine.info.loopback else on_first_use
        announced = announce(engine.info.base_url, prompt.num_bytes) if announce else nullcontext()
        with announced, self.watch.stage("model"):
            completion = complete(engine, prompt, params=params, on_delta=gate.feed)
        with self.watch.stage("check"):
            mentions = parse_citations(completion.text, paths=checker.paths)
            citations = checker.check(mentions)
        found = not _NOT_FOUND.match(completion.text)
        prefix = "" if not found or any_valid(citations) else f"{NO_VALID_CITATION}\n\n"
        gate.finish(prefix)
        return make_answer(
            self.question,
            result=replace(self.result, found=found),
            text=prefix + completion.text,
            citations=citations,
            receipt=self._receipt(completion, prompt=prompt, params=params, num_unsearched=checker.num_unsearched),
            given=self.given,
            uncited=_moved(uncited_sentences(completion.text, mentions), by=len(prefix)) if found else (),
            commits=self.explained.commits,
        )

    def _receipt(
        self, completion: Completion, *, prompt: Prompt, params: SamplingParams, num_unsearched: int
    ) -> Receipt:
        tokens = tokens_receipt(completion, prompt=prompt)
        warnings = _warnings(completion, prompt=prompt, params=params, num_prompt_tokens=tokens.prompt)
        warnings += self.explained.notes
        if num_unsearched:
            warnings.append(
                f"Citations not looked for in earlier commits, as {MAX_SEARCHES} others were: {num_unsearched}; some of"
                " those that are called unsupported may be stale."
            )
        return make_receipt(
            mode="retrieved",
            why=f"a model was named; it was given the best {len(self.given)} of {len(self.result.evidence)} spans",
            snapshot=self.view.snapshot,
            report=self.view.report,
            seconds=self.watch.seconds,
            tokens=tokens,
            model=model_receipt(completion, prompt=prompt, params=params),
            session=self.earlier.receipt if self.earlier else None,
            warnings=warnings,
        )


def _moved(spans: Iterable[Span], *, by: int) -> tuple[Span, ...]:
    return tuple((start + by, end + by) for start, end in spans)


def _warnings(completion: Completion, *, prompt: Prompt, params: SamplingParams, num_prompt_tokens: int) -> list[str]:
    found = []
    if completion.finish_reason == "length":
        found.append(f"The reply was cut off at {params.max_tokens} tokens; raise --max-tokens.")
    elif not completion.finish_reason:
        found.append("The server did not say that the reply is complete.")
    if num_prompt_tokens < _CUT_PROMPT_SHARE * prompt.num_bytes / CHARS_PER_TOKEN:
        found.append(
            f"The server counted {num_prompt_tokens:,} tokens in a prompt of {prompt.num_bytes:,} bytes, so it seems to"
            " have cut it; raise the server's context length, or lower evidence_tokens."
        )
    if completion.info.refused:
        found.append(f"The server refused {', '.join(completion.info.refused)}; the reply was drawn without.")
    return found
