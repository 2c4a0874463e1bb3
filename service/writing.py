"""Has a model write the answer from what it is given, streams it, and checks every citation that it makes.

Imported only where a model was named. Knows nothing of how evidence is found, of what the model is given, or of how an
answer is shown.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from ..context.citations import any_valid
from ..context.endpoint import OnFirstUse
from ..context.history import MAX_SEARCHES
from ..context.index.index import View
from ..context.prose import Span
from ..context.stopwatch import Stopwatch
from ..context.types import Explained, SearchResult
from .answer import Answer, Receipt
from .assembly import make_answer
from .claims.checking import check_reply
from .claims.reply import NOT_FOUND
from .drafting import Draft, Drafter
from .engine.forms import FORM_NAMES
from .engine.protocol import Engine, SamplingParams
from .gate import Gate
from .model_receipt import model_receipt, model_seconds, tokens_receipt
from .modes.contexts import ModelContext
from .planning.prices import Prices, read_prices
from .pricing import cost_receipt
from .prompting import CHARS_PER_TOKEN
from .receipt import make_receipt
from .watched import Watched

__all__ = ["NO_VALID_CITATION", "Writing"]

NO_VALID_CITATION = "No citation in this answer could be confirmed: treat it as unproven."

# Ollama cuts a prompt over its context length (4,096 tokens by default) without a word; no tokenizer's mean token of
# source is as long as this share makes it
_CUT_PROMPT_SHARE = 0.4

# what makes a prompt shorter, by whether the whole snapshot stands in it
_SHORTER = {False: "lower evidence_tokens", True: "choose --mode retrieval"}


@dataclass(frozen=True, slots=True)
class Writing:
    """One question that a model answers.

    Attributes:
        explained: What history says of it, where the question asks for that.
        context: What the model answers from.
        watched: Who is told what while it works.
        salt: Separates the cache of tenants; None for none.
        prices: What the question is priced by; None for the built-in table.
    """

    question: str
    view: View
    result: SearchResult
    explained: Explained
    context: ModelContext
    watch: Stopwatch
    watched: Watched
    salt: str | None = None
    prices: Prices | None = None

    def answer(self, engine: Engine, *, params: SamplingParams, on_first_use: OnFirstUse | None) -> Answer:
        """The whole answer, when the reply has ended.

        Raises:
            EngineError: The model's server could not answer.
        """
        with self.watch.stage("prompt"):
            prompt = self.context.prompt(self.question, result=self.result, explained=self.explained)
        checker = self.context.checker(self.view.snapshot)
        gate = Gate(checker, self.watched.on_delta, pass_at_once=NOT_FOUND)
        announce = None if engine.info.loopback else on_first_use
        announced = announce(engine.info.base_url, prompt.num_bytes) if announce else nullcontext()
        drafter = Drafter(
            engine,
            params=params,
            checker=checker,
            gate=gate,
            salt=self.salt,
            go_on=self.context.repair_prompt,
            on_place=self.watched.on_place,
        )
        with announced:
            if self.context.mode == "full":
                self.watched.preview(engine, prompt, salt=self.salt)
            with self.watch.stage("model"):
                draft = drafter.draft(prompt)
        with self.watch.stage("check"):
            checked = check_reply(draft.reply, checker)
        prefix = "" if not draft.reply.found or any_valid(checked.citations) else f"{NO_VALID_CITATION}\n\n"
        gate.finish(prefix)
        cited = self.context.cited(checked.citations, view=self.view, result=self.result)
        return make_answer(
            self.question,
            result=replace(self.result, found=draft.reply.found, evidence=(*self.result.evidence, *cited)),
            text=prefix + draft.reply.text,
            citations=checked.citations,
            receipt=self._receipt(draft, params=params, num_unsearched=checker.num_unsearched),
            claims=checked.claims,
            given=(*self.context.given, *cited),
            uncited=_moved(checked.uncited, by=len(prefix)),
            commits=self.explained.commits,
        )

    def _receipt(self, draft: Draft, *, params: SamplingParams, num_unsearched: int) -> Receipt:
        tokens = tokens_receipt(draft.asked)
        model = model_receipt(draft, params=params)
        warnings = _warnings(draft, params=params, is_whole=self.context.mode == "full")
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
            seconds=self.watch.seconds | model_seconds(draft.asked, seconds=self.watch.seconds["model"]),
            tokens=tokens,
            model=model,
            pack=self.context.pack,
            cost=cost_receipt(
                tokens,
                base_url=model.base_url,
                models=(model.model, model.served_model),
                prices=self.prices or read_prices(),
            ),
            session=self.context.earlier.receipt if self.context.earlier else None,
            warnings=warnings,
        )


def _moved(spans: Iterable[Span], *, by: int) -> tuple[Span, ...]:
    return tuple((start + by, end + by) for start, end in spans)


def _warnings(draft: Draft, *, params: SamplingParams, is_whole: bool) -> list[str]:
    prompt, first = draft.asked[0].prompt, draft.asked[0]
    found = []
    if draft.completion.finish_reason == "length":
        found.append(f"The reply was cut off at {params.max_tokens} tokens; raise --max-tokens.")
    elif not draft.completion.finish_reason:
        found.append("The server did not say that the reply is complete.")
    num_prompt_tokens = tokens_receipt([first]).prompt
    if num_prompt_tokens < _CUT_PROMPT_SHARE * prompt.num_bytes / CHARS_PER_TOKEN:
        found.append(
            f"The server counted {num_prompt_tokens:,} tokens in a prompt of {prompt.num_bytes:,} bytes, so it seems to"
            f" have cut it; raise the server's context length, or {_SHORTER[is_whole]}."
        )
    # which forms of JSON it refuses matters only where the reply shows it, and that is told
    if refused := [name for name in draft.completion.info.refused if name not in FORM_NAMES]:
        found.append(f"The server refused {', '.join(refused)}; the reply was drawn without.")
    return [*found, *draft.warnings]
