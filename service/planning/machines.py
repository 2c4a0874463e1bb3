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
    """The smallest of the usual machines that holds it; the largest where none does.

    A pack that is longer than the model reads is held by none: then the smallest for questions without it.
    """
    if request.needed_tokens > request.model.architecture.context:
        request = replace(request, pack=None)
    machines = [Machine(find_gpu(name), count) for name, count in _USUAL]
    return next((machine for machine in machines if _holds(request, machine)), machines[-1])


def remedy(request: Request, machine: Machine) -> str:
    """What would make it fit: other precisions, then more of these GPUs or other ones; "" where nothing would."""
    if request.needed_tokens > request.model.architecture.context:
        return ""
    sentences = []
    free = replace(request, weights=None, kv=None)
    if choice := next((each for each in weighed(free, machine) if each.facts.fits), None):
        flags = f"--weights {choice.weights.value} --kv {choice.kv.value}"
        longest = tokens_text(choice.facts.context)
        sentences.append(f"On {machine} it fits with {flags} (prompts of up to {longest} tokens).")
    more = [Machine(machine.gpu, count) for count in _COUNTS if count > machine.count]
    larger = next((each for each in more if _holds(request, each)), None) or smallest_machine(request)
    if _holds(request, larger):
        asked = f"With {request.weights.value} weights it" if request.weights else "It"
        sentences.append(f"{asked} fits on {larger}.")
    return " ".join(sentences)


def _holds(request: Request, machine: Machine) -> bool:
    return any(choice.facts.fits for choice in weighed(request, machine))
