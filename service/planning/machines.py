"""Finds machines that hold what a request asks for: the smallest of the usual ones, or the least change of another.

Knows nothing of time or money.
"""

from dataclasses import replace

from .choices import Choice, weigh_choices
from .gpus import Machine, find_gpu
from .layout import lay_out
from .quantities import tokens_text
from .request import Request

__all__ = ["remedy", "smallest_machine", "weighed"]

# Those that are rented by the node, the smaller first.
_USUAL = (("H100", 1), ("H100", 2), ("H100", 4), ("H100", 8), ("H200", 8), ("B200", 8), ("B200", 16), ("B200", 32))
_COUNTS = (1, 2, 4, 8, 16, 32)


def weighed(request: Request, machine: Machine) -> tuple[Choice, ...]:
    """Every choice of precisions that the request allows, on a machine."""
    return weigh_choices(
        request.model,
        machine,
        lay_out(request.model.architecture, machine),
        weights=request.weight_precisions,
        kv=request.kv_precisions,
        is_hybrid=request.is_hybrid,
        needed_tokens=request.needed_tokens,
    )


def smallest_machine(request: Request) -> Machine:
    """The smallest of the usual machines that holds it; the largest where none does."""
    machines = [Machine(find_gpu(name), count) for name, count in _USUAL]
    return next((machine for machine in machines if _holds(request, machine)), machines[-1])


def remedy(request: Request, machine: Machine) -> str:
    """What would make it fit, in a sentence or two: other precisions, more of these GPUs, other GPUs; "" for nothing."""
    if request.needed_tokens > request.model.architecture.context:
        return ""
    free = replace(request, weights=None, kv=None)
    sentences = []
    if choice := next((each for each in weighed(free, machine) if each.facts.fits), None):
        context = tokens_text(choice.facts.context)
        flags = f"--weights {choice.weights.value} --kv {choice.kv.value}"
        sentences.append(f"{machine} hold it with {flags} (prompts of up to {context} tokens).")
    more = [Machine(machine.gpu, count) for count in _COUNTS if count > machine.count]
    larger = next((each for each in more if _holds(request, each)), None) or smallest_machine(request)
    if _holds(request, larger):
        same = f" with {request.weights.value} weights" if request.weights else ""
        sentences.append(f"{larger} hold it{same}.")
    return " ".join(sentences)


def _holds(request: Request, machine: Machine) -> bool:
    return any(choice.facts.fits for choice in weighed(request, machine))
