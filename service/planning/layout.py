"""How a model is spread over GPUs: tensor, pipeline and expert parallel. Knows nothing of bytes or time."""

from dataclasses import dataclass

from .architecture import Architecture, Attention
from .gpus import Machine

__all__ = ["Layout", "lay_out"]

# Under this width a slice of an expert leaves the matrix units idle, and FP8's blocks of 128 seldom divide it.
_MIN_EXPERT_SLICE = 512


@dataclass(frozen=True, slots=True)
class Layout:
    """How one copy of a model lies on GPUs.

    Attributes:
        tensor: GPUs that share each layer.
        pipeline: Groups of such GPUs that share the layers.
        is_expert_parallel: Experts stay whole, each on one GPU of its group, instead of being cut.
        idle: GPUs of the machine that no layout can use.
        kv_copies: So many GPUs hold the same KV, where there are more of them than KV heads.
    """

    tensor: int
    pipeline: int
    is_expert_parallel: bool
    idle: int
    kv_copies: float

    @property
    def gpus(self) -> int:
        """Those that are used."""
        return self.tensor * self.pipeline


def lay_out(architecture: Architecture, machine: Machine) -> Layout:
    """The layout that uses the most GPUs, and among those the one that shares layers most widely within a node.

    vLLM wants the attention heads to be a multiple of the tensor-parallel size (`ModelConfig.
    verify_with_parallel_config` of vLLM 0.32), and cuts or repeats KV heads evenly (`get_num_kv_heads`); across nodes
    it wants pipeline stages.
    """
    attention = architecture.attention
    most = min(machine.count, machine.gpu.per_node)
    sizes = [size for size in range(1, most + 1) if _divides(size, attention)]
    tensor = max(sizes, key=lambda size: (size * _stages(size, architecture, machine), size))
    pipeline = _stages(tensor, architecture, machine)
    return Layout(
        tensor=tensor,
        pipeline=pipeline,
        is_expert_parallel=_keeps_experts_whole(architecture, tensor),
        idle=machine.count - tensor * pipeline,
        kv_copies=max(1.0, tensor / attention.kv_heads),
    )


def _divides(size: int, attention: Attention) -> bool:
    kv_heads = attention.kv_heads
    return attention.heads % size == 0 and (kv_heads % size == 0 or size % kv_heads == 0)


def _stages(tensor: int, architecture: Architecture, machine: Machine) -> int:
    return max(1, min(machine.count // tensor, architecture.attention.layers))


def _keeps_experts_whole(architecture: Architecture, tensor: int) -> bool:
    experts = architecture.experts
    if experts is None or tensor == 1:
        return False
    return experts.width % tensor != 0 or experts.width // tensor < _MIN_EXPERT_SLICE
