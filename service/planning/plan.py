"""A plan: the documented JSON of `repoask plan`, and all that its text is rendered from. Computes nothing.

Bytes are of all GPUs together unless a field says otherwise; a GB is 10^9 bytes.
"""

import json
from dataclasses import asdict, dataclass, field

from ..printable import Printable, about

__all__ = [
    "SCHEMA_VERSION",
    "HostedCost",
    "KvTier",
    "Plan",
    "PlannedGpus",
    "PlannedModel",
    "PlannedPack",
    "PlannedTime",
    "PrecisionChoice",
    "Recommendation",
    "SelfHosting",
]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedModel(Printable):
    """The model, as its configuration describes it."""

    name: str = field(metadata=about("`scout`, `maverick`, or the path of a configuration."))
    title: str = field(metadata=about("For people."))
    total_parameters: int = field(metadata=about("What memory must hold."))
    active_parameters: int = field(metadata=about("What one token uses."))
    global_layers: int = field(metadata=about("Layers whose attention sees the whole prompt."))
    local_layers: int = field(metadata=about("Layers whose attention sees a window of it."))
    window: int = field(metadata=about("Tokens of that window; 0 without local layers."))
    context: int = field(metadata=about("The longest prompt with its answer, in tokens."))
    trained_context: int | None = field(
        metadata=about("The longest sequences of its training, where they are known to be shorter.")
    )
    source: str = field(metadata=about("Where this is from."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedGpus(Printable):
    """The machine, and how the model lies on it."""

    name: str = field(metadata=about("Of one GPU."))
    count: int = field(metadata=about("All of them."))
    memory_bytes: int = field(metadata=about("Of all of them, as the vendor counts."))
    usable_bytes: int = field(metadata=about("Of those in use, what weights and KV may take."))
    tensor_parallel: int = field(metadata=about("GPUs that share each layer."))
    pipeline_parallel: int = field(metadata=about("Groups of them that share the layers."))
    expert_parallel: bool = field(metadata=about("Experts stay whole on one GPU each."))
    idle: int = field(metadata=about("GPUs that the model cannot be spread over."))
    source: str = field(metadata=about("Where the numbers of the GPU are from, and of when."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPack(Printable):
    """The pack of a repository."""

    source: str = field(metadata=about("What was named."))
    files: int = field(metadata=about("Files in it."))
    tokens: int = field(metadata=about("All of it."))
    counted_by: str = field(metadata=about("The tokenizer, or what the estimate rests on."))
    exact: bool = field(metadata=about("False for an estimate."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionChoice(Printable):
    """One choice of precisions, and what fits with it."""

    weights: str = field(metadata=about("`bf16`, `fp8` or `int4`."))
    kv: str = field(metadata=about("`bf16` or `fp8`."))
    fits: bool = field(metadata=about("The weights fit, and the pack, or without one a retrieved question."))
    weights_bytes: int = field(metadata=about("All parameters."))
    kv_pool_bytes: int = field(metadata=about("What the weights leave for KV; negative where they do not fit."))
    kv_bytes_per_token: int = field(metadata=about("Of a token for as long as its sequence lives."))
    window_bytes: int = field(metadata=about("Of a sequence's local layers, whatever its length."))
    context: int = field(metadata=about("The longest prompt with its answer that fits; 0 where none does."))
    at_once: int = field(metadata=about("Packs, or without one retrieved questions, that fit side by side."))
    arithmetic: str = field(metadata=about("The same in one line, with its numbers."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTime(Printable):
    """The time of one length of prompt, computed from the GPUs' peaks."""

    tokens: int = field(metadata=about("Of the prompt."))
    is_pack: bool = field(metadata=about("This is the pack's length."))
    cold_s: float = field(metadata=about("To read it all, at 50% of the peak FLOPS, which one H100 reached."))
    cold_in_practice_s: float = field(
        metadata=about("1.5 times that, for what was not measured, such as several GPUs.")
    )
    cached_s: float = field(metadata=about("To the first token where only question and evidence are new."))
    decode_tokens_s: float = field(metadata=about("Of one answer behind it, at 60% of the peak bandwidth."))


@dataclass(frozen=True, slots=True, kw_only=True)
class KvTier(Printable):
    """What it takes to keep the KV of one prompt beyond the GPUs, so that a restart does not read it again."""

    tokens: int = field(metadata=about("Of the prompt."))
    host_bytes: int = field(metadata=about("Host memory for its global layers' KV; the same again on disk."))
    reload_s: float = field(metadata=about("From host memory, at the rate of one GPU's link."))
    disk_reload_s: float = field(metadata=about("From a disk that reads 1.4 GB/s, as after a restart."))


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedCost(Printable):
    """What one provider charges for the same questions."""

    provider: str = field(metadata=about("Its name."))
    context: int | None = field(metadata=about("The longest prompt it takes; null where nobody said."))
    whole_pack_dollars: float | None = field(
        metadata=about("A question over the whole pack; null without a pack, or where it is too long.")
    )
    retrieved_dollars: float | None = field(
        metadata=about("A question over retrieved evidence; null where even that is too long.")
    )
    dollars_per_day: float | None = field(
        metadata=about("At the volume given; null without one, or where its questions are too long.")
    )
    date: str = field(metadata=about("Of the prices."))
    source: str = field(metadata=about("Where they are from."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfHosting(Printable):
    """What the GPUs cost around the clock, and from which volume that is less than the cheapest provider."""

    dollars_per_day_low: float = field(metadata=about("At the cheapest price of a GPU hour."))
    dollars_per_day_high: float = field(metadata=about("At the dearest."))
    mode: str = field(metadata=about("`whole pack` or `retrieved`: the questions that are compared."))
    provider: str = field(metadata=about("The cheapest that takes them."))
    break_even_tokens_per_day: float = field(metadata=about("Prompts and answers, at the cheapest GPU hour."))
    break_even_questions_per_day: float = field(metadata=about("The same in questions."))
    capacity_questions_per_day: float = field(metadata=about("At most so many the machine can answer."))
    is_reachable: bool = field(metadata=about("The machine can answer as many as it takes to break even."))
    price_source: str = field(metadata=about("Where the price of a GPU hour is from."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation(Printable):
    """What to do."""

    choice: str = field(metadata=about("`serve`, `hosted`, `retrieve` or `does not fit`."))
    headline: str = field(metadata=about("In one line."))
    reason: str = field(metadata=about("Why, in a sentence or two."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Printable):
    """What `repoask plan --json` writes."""

    schema_version: int = field(default=SCHEMA_VERSION, metadata=about("Of this JSON."))
    fits: bool = field(metadata=about("The weights fit, and the pack, or else a question. False is exit code 1."))
    verdict: str = field(metadata=about("Whether it fits, in words, with the arithmetic where it does not."))
    recommendation: Recommendation = field(metadata=about("What to do, and why."))
    model: PlannedModel = field(metadata=about("What is served."))
    gpus: PlannedGpus = field(metadata=about("On what."))
    pack: PlannedPack | None = field(metadata=about("Null where no repository was named."))
    hybrid_kv: bool = field(metadata=about("Local layers keep their window alone (vLLM's hybrid KV cache manager)."))
    choices: tuple[PrecisionChoice, ...] = field(metadata=about("Every choice of precisions that is allowed."))
    chosen: int = field(metadata=about("Which of them the rest is about, from 0."))
    times: tuple[PlannedTime, ...] = field(metadata=about("By length of the prompt; empty where nothing fits."))
    tier: KvTier | None = field(metadata=about("For the pack, or the longest context; null where nothing fits."))
    hosted: tuple[HostedCost, ...] = field(metadata=about("Providers of the model in the table, the cheapest first."))
    self_hosting: SelfHosting | None = field(metadata=about("Null where a price is missing or nothing fits."))
    notes: tuple[str, ...] = field(metadata=about("What else to know, a sentence each."))
    command: tuple[str, ...] = field(metadata=about("vLLM's command line, a word each; empty where nothing fits."))

    @property
    def choice(self) -> PrecisionChoice:
        """The one that the rest is about."""
        return self.choices[self.chosen]

    def line(self) -> str:
        """The JSON, ASCII alone: no terminal obeys it and no code page lacks it."""
        return json.dumps(asdict(self), ensure_ascii=True, indent=2) + "\n"
