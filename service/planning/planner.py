"""Makes the plan: a model, a machine, a pack and a volume in, one Plan out. Prints nothing and asks nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from .advice import Case, advise, verdict_of
from .choices import Choice, best_choice
from .costs import NEW_TOKENS, hosted_costs, self_hosting
from .gpus import Machine
from .layout import Layout, lay_out
from .machines import remedy, smallest_machine, weighed
from .memory import CONTEXT_STEP, served_length, usable_bytes
from .models import Model
from .notes import notes_of
from .plan import HostedCost, KvTier, Plan, PlannedGpus, PlannedModel, PlannedTime, SelfHosting
from .request import Request
from .speed import PRACTICE_FACTOR, Speed, disk_reload_s, reload_s
from .vllm_command import vllm_command

__all__ = ["make_plan"]

_LENGTHS = (131_072, 1_048_576, 10_485_760)
_GROWTH = 1.25  # of a pack until it is compacted: its dead text, and what is written meanwhile
_TURNS_TOKENS = 32_768  # of a session behind the pack
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class _Setup:
    """A model on a machine, at the precisions that were taken."""

    request: Request
    machine: Machine
    layout: Layout
    choice: Choice

    @property
    def works(self) -> bool:
        """The weights fit, and the KV of a retrieved question beside them."""
        return self.choice.facts.context >= self.request.retrieved_tokens

    @property
    def prompt_tokens(self) -> int:
        """Of the prompt that the plan is about: the pack where it fits, else the longest."""
        pack, facts = self.request.pack, self.choice.facts
        return min(pack.tokens + NEW_TOKENS, facts.context) if pack and facts.fits else facts.context

    @property
    def kept_bytes(self) -> int:
        """The KV of that prompt's global layers: all that a chunk's boundary needs of it (DESIGN.md, section 5)."""
        return self.choice.kv_layout.bytes_per_token * self.prompt_tokens

    @property
    def speed(self) -> Speed:
        """How fast it is."""
        architecture = self.request.model.architecture
        return Speed(architecture, self.machine, self.layout, self.choice.weights, self.choice.kv_layout)


def make_plan(request: Request) -> Plan:
    """The plan of a request.

    Raises:
        InputError: Two volumes that do not agree, or a precision that the model's files do not have.
    """
    request.check()
    machine = request.machine or smallest_machine(request)
    choices = weighed(request, machine)
    index = best_choice(choices, least_tokens=request.retrieved_tokens)
    setup = _Setup(request, machine, lay_out(request.model.architecture, machine), choices[index])
    hosted = hosted_costs(
        request.hosted,
        pack_tokens=request.pack.tokens if request.pack else 0,
        asked=request.question,
        questions_per_day=request.questions_a_day,
    )
    meeting = _meeting(setup)
    case = _case(setup, hosted, meeting)
    return Plan(
        fits=setup.choice.facts.fits,
        verdict=verdict_of(case),
        recommendation=advise(case),
        model=_model_facts(request.model),
        gpus=_gpu_facts(machine, setup.layout),
        pack=request.pack,
        hybrid_kv=request.is_hybrid,
        choices=tuple(each.facts for each in choices),
        chosen=index,
        times=tuple(_times(setup)) if setup.works else (),
        tier=_tier(setup) if setup.works else None,
        hosted=hosted,
        self_hosting=meeting,
        notes=tuple(_notes(setup, meeting)) if setup.works else (),
        command=_command(setup) if setup.works else (),
    )


def _meeting(setup: _Setup) -> SelfHosting | None:
    request = setup.request
    hour = request.gpu_hour(setup.machine)
    if hour is None or not setup.works:
        return None
    return self_hosting(setup.machine, hour, prices=request.hosted, question=request.question, speed=setup.speed)


def _case(setup: _Setup, hosted: tuple[HostedCost, ...], meeting: SelfHosting | None) -> Case:
    request, facts = setup.request, setup.choice.facts
    return Case(
        model=request.model.title,
        machine=str(setup.machine),
        choice=facts,
        pack=request.pack,
        is_over_context=request.needed_tokens > request.model.architecture.context,
        is_usable=setup.works,
        hosted=hosted,
        self_hosting=meeting,
        tokens_per_day=request.tokens_a_day,
        is_private=request.is_private,
        remedy="" if facts.fits else remedy(request, setup.machine),
    )


def _notes(setup: _Setup, meeting: SelfHosting | None) -> Iterator[str]:
    return notes_of(
        setup.request.model,
        setup.machine,
        setup.layout,
        setup.choice,
        prompt_tokens=setup.prompt_tokens,
        meeting=meeting,
    )


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


def _times(setup: _Setup) -> Iterator[PlannedTime]:
    facts, own, speed = setup.choice.facts, setup.prompt_tokens, setup.speed
    lengths = {length for length in _LENGTHS if length <= facts.context}
    for tokens in sorted(lengths | {own}):
        cold = speed.cold_s(tokens)
        yield PlannedTime(
            tokens=tokens,
            is_pack=tokens == own and setup.request.pack is not None and facts.fits,
            cold_s=cold,
            cold_in_practice_s=cold * PRACTICE_FACTOR,
            cached_s=speed.warm_s(tokens, new=NEW_TOKENS),
            decode_tokens_s=speed.decode_tokens_s(tokens),
        )


def _tier(setup: _Setup) -> KvTier:
    kept = setup.kept_bytes
    return KvTier(
        tokens=setup.prompt_tokens,
        host_bytes=kept,
        reload_s=reload_s(kept, setup.machine.gpu),
        disk_reload_s=disk_reload_s(kept),
    )


def _command(setup: _Setup) -> tuple[str, ...]:
    request = setup.request
    longest = served_length(setup.choice.facts.context, limit=request.model.architecture.context)
    if request.pack and setup.choice.facts.fits:
        wanted = max(request.needed_tokens, round(request.pack.tokens * _GROWTH) + _TURNS_TOKENS)
        longest = max(request.needed_tokens, min(longest, -(-wanted // CONTEXT_STEP) * CONTEXT_STEP))
    return vllm_command(
        request.model,
        weights=setup.choice.weights,
        kv=setup.choice.kv,
        layout=setup.layout,
        max_model_len=longest,
        is_hybrid=request.is_hybrid,
        host_bytes=-(-setup.kept_bytes // _GIB) * _GIB,
    )
