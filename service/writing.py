"""Has a model write the answer from what it is given, streams it, and checks every citation that it makes.

Imported only where a model was named. Knows nothing of how evidence is found, of what the model is given, or of how an
answer is shown.
"""

import re
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from ..context.citations import any_valid
from ..context.endpoint import OnFirstUse
from ..context.history import MAX_SEARCHES
from ..context.index.index import View
from ..context.mentions import parse_citations, uncited_sentences
from ..context.prose import Span
from ..context.stopwatch import Stopwatch
from ..context.types import Explained, SearchResult
from .answer import Answer, Receipt
from .assembly import make_answer
from .engine.completion import complete
from .engine.protocol import Completion, Engine, Prompt, SamplingParams
from .gate import Gate
from .model_receipt import model_receipt, tokens_receipt
from .modes.contexts import ModelContext
from .prompting import CHARS_PER_TOKEN
from .receipt import make_receipt
from .watched import Watched

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
        context: What the model answers from.
        watched: Who is told what while it works.
        salt: Separates the cache of tenants; None for none.
    """

    question: str
    view: View
    result: SearchResult
    explained: Explained
    context: ModelContext
    watch: Stopwatch
    watched: Watched
    salt: str | None = None

    def answer(self, engine: Engine, *, params: SamplingParams, on_first_use: OnFirstUse | None) -> Answer:
        """The whole answer, when the reply has ended.

        Raises:
            EngineError: The model's server could not answer.
        """
        with self.watch.stage("prompt"):
            prompt = self.context.prompt(self.question, result=self.result, explained=self.explained)
        checker = self.context.checker(self.view.snapshot)
        gate = Gate(checker, self.watched.on_delta, pass_at_once=_NOT_FOUND)
        announce = None if engine.info.loopback else on_first_use
        announced = announce(engine.info.base_url, prompt.num_bytes) if announce else nullcontext()
        with announced:
            if self.context.mode == "full":
                self.watched.preview(engine, prompt, salt=self.salt)
            with self.watch.stage("model"):
                completion = complete(
                    engine,
                    prompt,
                    params=params,
                    salt=self.salt,
                    on_delta=gate.feed,
                    on_place=self.watched.on_place,
                )
        with self.watch.stage("check"):
            mentions = parse_citations(completion.text, paths=checker.paths)
            citations = checker.check(mentions)
        found = not _NOT_FOUND.match(completion.text)
        prefix = "" if not found or any_valid(citations) else f"{NO_VALID_CITATION}\n\n"
        gate.finish(prefix)
        cited = self.context.cited(citations, view=self.view, result=self.result)
        return make_answer(
            self.question,
            result=replace(self.result, found=found, evidence=(*self.result.evidence, *cited)),
            text=prefix + completion.text,
            citations=citations,
            receipt=self._receipt(completion, prompt=prompt, params=params, num_unsearched=checker.num_unsearched),
            given=(*self.context.given, *cited),
            uncited=_moved(uncited_sentences(completion.text, mentions), by=len(prefix)) if found else (),
            commits=self.explained.commits,
        )

    def _receipt(
        self, completion: Completion, *, prompt: Prompt, params: SamplingParams, num_unsearched: int
    ) -> Receipt:
        tokens = tokens_receipt(completion, prompt=prompt)
        warnings = _warnings(completion, prompt=prompt, params=params, num_prompt_tokens=tokens.prompt)
        warnings += (*self.context.warnings, *self.explained.notes)
        if num_unsearched:
            warnings.append(
                f"Citations not looked for in earlier commits, as {MAX_SEARCHES} others were: {num_unsearched}; some of"
                " those that are called unsupported may be stale."
            )
        return make_receipt(
            mode=self.context.mode,
            why=self.context.why,
            snapshot=self.view.snapshot,
            report=self.view.report,
            seconds=self.watch.seconds,
            tokens=tokens,
            model=model_receipt(completion, prompt=prompt, params=params),
            pack=self.context.pack,
            session=self.context.earlier.receipt if self.context.earlier else None,
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
