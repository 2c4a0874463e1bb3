"""How a server of one model is started on one machine: what vLLM loads, its flags, the longest prompt.

Computed from the model's configuration and the machine's memory. Starts nothing, and asks the machine nothing.
"""

from dataclasses import dataclass

from ...errors import InputError
from .choices import best_choice
from .gpus import Machine
from .layout import Layout, lay_out
from .machines import remedy, smallest_machine, weighed
from .memory import KvLayout, longest_context, served_length, weights_bytes
from .models import Model
from .precision import FULL_PRECISION_BYTES, KvPrecision, WeightPrecision
from .prices import read_prices
from .quantities import bytes_text, count_text, tokens_text
from .request import Request
from .vllm_command import offloaded_tokens, vllm_command

__all__ = ["Serving", "serving_on_cpu", "serving_on_gpus"]

# On a CPU: what vLLM's three processes take beside weights and KV (2.4 GB seen with a model of 8 MB), and activations.
_CPU_RUNTIME_BYTES = 3_000_000_000
# Of the memory that weights leave: the machine is not the server's alone.
_CPU_KV_SHARE = 0.5
# More of the longest prompts than this are not read side by side on a CPU.
_CPU_SEQUENCES = 8
_ONE_CPU = Layout(tensor=1, pipeline=1, is_expert_parallel=False, idle=0, kv_copies=1)


@dataclass(frozen=True, slots=True)
class Serving:
    """How a server is started.

    Attributes:
        checkpoint: What vLLM loads: a folder, or a name on the Hugging Face hub.
        flags: For vLLM, a word each.
        max_model_len: Tokens of the longest prompt with its answer.
        hardware: On what, for people.
        kv_bytes: Memory for KV.
        host_bytes: Of the host's memory that the server takes.
        chunk_tokens: KV that shall outlive the server is kept in chunks of so many.
        kept_token_bytes: Of a token's KV, what a prefix cannot do without.
    """

    checkpoint: str
    flags: tuple[str, ...]
    max_model_len: int
    hardware: str
    kv_bytes: int
    host_bytes: int
    chunk_tokens: int
    kept_token_bytes: int


def serving_on_gpus(model: Model, machine: Machine) -> Serving:
    """With the most exact precisions that leave room for a question.

    Raises:
        InputError: None does; what would is said.
    """
    request = Request(model=model, machine=machine, prices=read_prices())
    choices = weighed(request, machine)
    choice = choices[best_choice(choices, least_tokens=request.needed_tokens)]
    if not choice.facts.fits:
        raise InputError(
            f"{model.title} does not fit on {machine}: {choice.facts.arithmetic}. {remedy(request, machine)}".rstrip()
        )
    longest = served_length(choice.facts.context, limit=model.architecture.context)
    layout = lay_out(model.architecture, machine)
    words = vllm_command(
        model,
        weights=choice.weights,
        kv=choice.kv,
        layout=layout,
        max_model_len=longest,
        is_hybrid=request.is_hybrid,
    )
    return Serving(
        *_loaded(words),
        longest,
        hardware=str(machine),
        kv_bytes=choice.facts.kv_pool_bytes,
        host_bytes=0,
        chunk_tokens=offloaded_tokens(model),
        kept_token_bytes=_kept(model, choice.kv, copies=layout.kv_copies),
    )


def serving_on_cpu(model: Model, *, free_bytes: int) -> Serving:
    """On a CPU, as the files are.

    Args:
        model: What is served.
        free_bytes: Memory that may be taken.

    Raises:
        InputError: A question does not fit; what would is said.
    """
    architecture = model.architecture
    weights = model.precisions[0]
    kv = KvLayout.of(architecture, KvPrecision.BF16, is_hybrid=True)
    request = Request(model=model, prices=read_prices())
    least = kv.reserved_bytes(request.needed_tokens)
    room = free_bytes - _CPU_RUNTIME_BYTES - weights_bytes(architecture, weights)
    if room < least:
        raise InputError(_too_little(request, weights, least=least, free_bytes=free_bytes))
    pool = max(least, round(room * _CPU_KV_SHARE))
    longest = served_length(longest_context(kv, pool, limit=architecture.context), limit=architecture.context)
    pool = min(pool, _CPU_SEQUENCES * kv.reserved_bytes(longest))
    words = vllm_command(
        model,
        weights=weights,
        kv=KvPrecision.BF16,
        layout=_ONE_CPU,
        max_model_len=longest,
        is_hybrid=True,
        cpu_kv_bytes=pool,
    )
    return Serving(
        *_loaded(words),
        longest,
        hardware="the CPU",
        kv_bytes=pool,
        host_bytes=_CPU_RUNTIME_BYTES + weights_bytes(architecture, weights) + pool,
        chunk_tokens=offloaded_tokens(model),
        kept_token_bytes=_kept(model, KvPrecision.BF16, copies=1),
    )


def _loaded(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    # "vllm", "serve", what is loaded, flags
    return words[2], words[3:]


def _kept(model: Model, kv: KvPrecision, *, copies: float) -> int:
    """Chunked layers beside global ones are left out; sliding ones are kept whole: any chunk may be a prefix's last."""
    attention = model.architecture.attention
    is_hybrid = attention.is_chunked and attention.global_layers > 0
    return KvLayout.of(model.architecture, kv, is_hybrid=is_hybrid, copies=copies).bytes_per_token


def _too_little(request: Request, weights: WeightPrecision, *, least: int, free_bytes: int) -> str:
    model = request.model
    taken = weights_bytes(model.architecture, weights)
    room = max(0, free_bytes - _CPU_RUNTIME_BYTES - least)
    machine = smallest_machine(request)
    choices = weighed(request, machine)
    smallest = choices[best_choice(choices, least_tokens=request.needed_tokens)]
    return (
        f"{model.title}: {bytes_text(taken)} of {weights.value} weights, {bytes_text(least)} of KV for a question of "
        f"{tokens_text(request.needed_tokens)} tokens and {bytes_text(_CPU_RUNTIME_BYTES)} for vLLM itself do not fit "
        f"into the {bytes_text(free_bytes)} of memory that is free here; a model of up to "
        f"{count_text(room / FULL_PRECISION_BYTES)} parameters in bf16 does, and this one fits on "
        f"{machine} with {smallest.weights.value} weights"
    )
