"""Makes the plan: a model, a machine, a pack and a volume in, one Plan out. Prints nothing and asks nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import InputError
from .advice import Case, advise
from .choices import Choice, best_choice, weigh_choices
from .costs import ANSWER_TOKENS, NEW_TOKENS, Question, hosted_costs, self_hosting
from .gpus import Machine, find_gpu
from .layout import Layout, lay_out
from .memory import usable_bytes
from .models import Model
from .plan import KvTier, Plan, PlannedGpus, PlannedModel, PlannedPack, PlannedTime, SelfHosting
from .precision import KvPrecision, WeightPrecision
from .prices import GpuHour, Prices
from .quantities import tokens_text
from .speed import PRACTICE_FACTOR, Speed, reload_s
from .vllm_command import vllm_command

__all__ = ["Request", "make_plan"]

_LENGTHS = (131_072, 1_048_576, 10_485_760)
_GROWTH = 1.25  # of a pack until it is compacted, its dead text and new commits
_TURNS_TOKENS = 32_768  # of a session behind the pack
_ROUND_TOKENS = 8192
_GIB = 1 << 30
# What is tried where no GPUs are named, and where those that were named do not hold it.
_MACHINES = (("H100", 1), ("H100", 2), ("H100", 4), ("H100", 8), ("H200", 8), ("B200", 8), ("B200", 16), ("B200", 32))
_COUNTS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a plan is asked for.

    Attributes:
        model: What is served.
        machine: On what; None for the smallest of the usual ones that holds it.
        pack: Of the repository; None for the longest context.
        weights: The precision of weights; None for the most exact that fits.
        kv: The same for KV.
        is_hybrid: Local layers keep their window alone.
        tokens_per_day: Prompts and answers together.
        questions_per_day: The same volume in questions.
        gpu_price: Dollars an hour of one GPU; None for the table's.
        is_private: Nothing may leave one's own machines.
        prices: The table of prices.
    """

    model: Model
    prices: Prices
    machine: Machine | None = None
    pack: PlannedPack | None = None
    weights: WeightPrecision | None = None
    kv: KvPrecision | None = None
    is_hybrid: bool = True
    tokens_per_day: float | None = None
    questions_per_day: float | None = None
    gpu_price: float | None = None
    is_private: bool = False

    @property
    def needed_tokens(self) -> int:
        """The longest prompt with its answer; 0 where no pack says."""
        return self.pack.tokens + NEW_TOKENS + ANSWER_TOKENS if self.pack else 0


def make_plan(request: Request) -> Plan:
    """The plan of a request.

    Raises:
        InputError: Two volumes that do not agree, or a precision that the model's files do not have.
    """
    _check(request)
    machine = request.machine or _smallest(request)
    layout = lay_out(request.model.architecture, machine)
    choices = _weighed(request, machine)
    index = best_choice(choices)
    choice = choices[index]
    works = choice.facts.context > 0
    speed = Speed(request.model.architecture, machine, layout, choice.weights, choice.kv_layout)
    question = _question(request)
    hosted_prices = request.prices.of_model(request.model.name)
    hosted = hosted_costs(
        hosted_prices,
        pack_tokens=request.pack.tokens if request.pack else 0,
        questions_per_day=_questions_per_day(request, question),
    )
    hour = _hour(request, machine)
    meeting = (
        self_hosting(machine, hour, prices=hosted_prices, question=question, speed=speed) if works and hour else None
    )
    return Plan(
        fits=choice.facts.fits,
        recommendation=advise(
            Case(
                model=request.model.title,
                machine=str(machine),
                choice=choice.facts,
                pack=request.pack,
                pack_over_context=request.needed_tokens > request.model.architecture.context,
                hosted=hosted,
                self_hosting=meeting,
                tokens_per_day=_tokens_per_day(request, question),
                is_private=request.is_private,
                remedy="" if choice.facts.fits else _remedy(request, machine),
            )
        ),
        model=_model_facts(request.model),
        gpus=_gpu_facts(machine, layout),
        pack=request.pack,
        hybrid_kv=request.is_hybrid,
        choices=tuple(each.facts for each in choices),
        chosen=index,
        times=tuple(_times(request, choice, speed)) if works else (),
        tier=_tier(request, choice) if works else None,
        hosted=hosted,
        self_hosting=meeting,
        notes=tuple(_notes(request, machine, layout, choice, meeting)),
        command=_command(request, layout, choice) if works else (),
    )


def _check(request: Request) -> None:
    if request.tokens_per_day is not None and request.questions_per_day is not None:
        raise InputError("give --tokens-per-day or --questions-per-day, not both")
    if request.weights and request.weights not in request.model.precisions:
        stored = request.model.precisions[0].value
        raise InputError(f"{request.model.name}: its files hold {stored} weights already; leave --weights out")


def _weighed(request: Request, machine: Machine) -> tuple[Choice, ...]:
    return weigh_choices(
        request.model,
        machine,
        lay_out(request.model.architecture, machine),
        weights=(request.weights,) if request.weights else request.model.precisions,
        kv=(request.kv,) if request.kv else tuple(KvPrecision),
        is_hybrid=request.is_hybrid,
        needed_tokens=request.needed_tokens,
    )


def _holds(request: Request, machine: Machine) -> bool:
    return any(choice.facts.fits for choice in _weighed(request, machine))


def _smallest(request: Request) -> Machine:
    machines = [Machine(find_gpu(name), count) for name, count in _MACHINES]
    return next((machine for machine in machines if _holds(request, machine)), machines[-1])


def _remedy(request: Request, machine: Machine) -> str:
    """The least change that would make it fit: other precisions, more of the same GPUs, other GPUs."""
    if request.needed_tokens > request.model.architecture.context:
        return ""
    free = Request(model=request.model, prices=request.prices, pack=request.pack, is_hybrid=request.is_hybrid)
    if choice := next((each for each in _weighed(free, machine) if each.facts.fits), None):
        return f"On {machine} it fits with --weights {choice.weights.value} --kv {choice.kv.value}."
    more = [Machine(machine.gpu, count) for count in _COUNTS if count > machine.count]
    if larger := next((each for each in more if _holds(request, each)), None):
        return f"It fits on {larger}."
    other = _smallest(request)
    return f"It fits on {other}." if _holds(request, other) else ""


def _question(request: Request) -> Question:
    """The questions whose price is compared: over the whole pack where any provider takes it, else retrieved ones."""
    whole = Question(request.pack.tokens if request.pack else 0)
    prices = request.prices.of_model(request.model.name)
    return whole if any(price.takes(whole.tokens) for price in prices) else Question()


def _questions_per_day(request: Request, question: Question) -> float | None:
    if request.tokens_per_day is not None:
        return request.tokens_per_day / question.tokens
    return request.questions_per_day


def _tokens_per_day(request: Request, question: Question) -> float | None:
    if request.questions_per_day is not None:
        return request.questions_per_day * question.tokens
    return request.tokens_per_day


def _hour(request: Request, machine: Machine) -> GpuHour | None:
    price = request.gpu_price
    if price is None:
        return request.prices.of_gpu(machine.gpu.name)
    return GpuHour(gpu=machine.gpu.name, low=price, high=price, date="given", source="--gpu-price")


def _model_facts(model: Model) -> PlannedModel:
    architecture = model.architecture
    return PlannedModel(
        name=model.name,
        title=model.title,
        total_parameters=architecture.parameters.total,
        active_parameters=architecture.parameters.active,
        global_layers=architecture.attention.global_layers,
        local_layers=architecture.attention.local_layers,
        window=architecture.attention.window,
        context=architecture.context,
        trained_context=model.trained_context,
        source=model.source,
    )


def _gpu_facts(machine: Machine, layout: Layout) -> PlannedGpus:
    return PlannedGpus(
        name=machine.gpu.name,
        count=machine.count,
        memory_bytes=machine.memory_bytes,
        usable_bytes=usable_bytes(machine, layout),
        tensor_parallel=layout.tensor,
        pipeline_parallel=layout.pipeline,
        expert_parallel=layout.is_expert_parallel,
        idle=layout.idle,
        source=f"{machine.gpu.source} ({machine.gpu.date})",
    )


def _prompt_tokens(request: Request, choice: Choice) -> int:
    """Of the prompt that the plan is about."""
    whole = request.pack.tokens + NEW_TOKENS if request.pack and choice.facts.fits else choice.facts.context
    return min(whole, choice.facts.context)


def _times(request: Request, choice: Choice, speed: Speed) -> Iterator[PlannedTime]:
    own = _prompt_tokens(request, choice)
    lengths = {length for length in _LENGTHS if length <= choice.facts.context}
    for tokens in sorted(lengths | {own}):
        cold = speed.prefill_s(tokens)
        yield PlannedTime(
            tokens=tokens,
            is_pack=tokens == own and request.pack is not None and choice.facts.fits,
            cold_s=cold,
            cold_in_practice_s=cold * PRACTICE_FACTOR,
            cached_s=speed.warm_s(tokens, new=NEW_TOKENS),
            decode_tokens_s=speed.decode_tokens_s(tokens),
        )


def _tier(request: Request, choice: Choice) -> KvTier:
    tokens = _prompt_tokens(request, choice)
    host_bytes = choice.kv_layout.bytes_per_token * tokens
    return KvTier(tokens=tokens, host_bytes=host_bytes, reload_s=reload_s(host_bytes))


def _command(request: Request, layout: Layout, choice: Choice) -> tuple[str, ...]:
    longest = choice.facts.context
    if request.pack and choice.facts.fits:
        wanted = max(request.needed_tokens, round(request.pack.tokens * _GROWTH) + _TURNS_TOKENS)
        longest = min(longest, -(-wanted // _ROUND_TOKENS) * _ROUND_TOKENS)
    return vllm_command(
        request.model,
        weights=choice.weights,
        kv=choice.kv,
        layout=layout,
        max_model_len=longest,
        is_hybrid=request.is_hybrid,
        host_bytes=-(-_tier(request, choice).host_bytes // _GIB) * _GIB,
    )


def _notes(
    request: Request, machine: Machine, layout: Layout, choice: Choice, meeting: SelfHosting | None
) -> Iterator[str]:
    trained = request.model.trained_context
    if trained and _prompt_tokens(request, choice) > trained:
        yield (
            f"{request.model.title} was trained on up to {tokens_text(trained)} tokens and answers longer prompts poorly; "
            "ask with retrieval, as repoask does by default, unless the question needs everything."
        )
    if choice.weights is not WeightPrecision.BF16 and choice.weights not in request.model.checkpoints:
        yield from _made_note(request.model, choice.weights)
    if machine.gpu.fp8_tflops is None and "fp8" in (choice.weights, choice.kv):
        yield f"{machine.gpu.name} has no FP8 units: fp8 saves memory there, not time."
    if layout.idle:
        yield f"{layout.idle} of {machine} stay idle: its heads cannot be spread over that many."
    if layout.kv_copies > 1:
        yield f"Each KV lies on {layout.kv_copies:g} GPUs: the model has fewer KV heads than a layer has GPUs."
    if layout.pipeline > 1 and machine.count > machine.gpu.per_node:
        yield "The stages of the pipeline are machines of their own: add --nnodes and --node-rank on each."
    if choice.kv_layout.window:
        yield "vLLM's own tier of files keeps the local layers' KV too: up to four times the disk."
    if meeting:
        yield (
            "A rule of thumb says to host from 50 to 100M tokens a day; with these prices the two meet at "
            f"{tokens_text(meeting.break_even_tokens_per_day)}."
        )


def _made_note(model: Model, weights: WeightPrecision) -> Iterator[str]:
    if weights is WeightPrecision.FP8:
        yield "vLLM makes FP8 weights at start: each GPU must hold its share at full precision for that moment."
    else:
        yield f"The command needs a 4-bit checkpoint of {model.title} (AWQ, GPTQ, compressed-tensors) in its place."
