"""Reads a checkpoint's `quantization_config`: how its matrices are kept, what one number takes, what is left out.

As vLLM's own readers understand it: AWQ, GPTQ, FP8, compressed-tensors, bitsandbytes, MXFP4, ModelOpt. The file comes
from anywhere: patterns in it are matched in linear time. Knows nothing of sizes of models.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .precision import WeightPrecision

__all__ = ["Quantization", "read_quantization"]

_SCALE_BITS = 16
_MAX_PATTERNS = 20_000
_MAX_PATTERN = 300
# where each method lists the modules that it leaves in full precision
_KEPT_KEYS = ("ignore", "modules_to_not_convert", "llm_int8_skip_modules", "exclude_modules", "ignored_layers")


@dataclass(frozen=True, slots=True)
class Quantization:
    """How a checkpoint is quantized.

    Attributes:
        label: For people: `FP8`, `INT4 (AWQ)`.
        precision: The one that it is nearest to, for time.
        bits: Of one number, its share of scales and zero points included.
        kept: Patterns of modules in full precision, as the file has them.
    """

    label: str
    precision: WeightPrecision
    bits: float
    kept: tuple[str, ...] = ()

    @property
    def bytes_each(self) -> float:
        """Of one number."""
        return self.bits / 8

    def keeper(self) -> Callable[[str], bool]:
        """Tells of a module's dotted name whether it stays in full precision, itself or within another."""
        names = {pattern for pattern in self.kept if not _is_expression(pattern)}
        expressions = [_expression(pattern) for pattern in self.kept if _is_expression(pattern)]
        matches = _matcher(expressions) if expressions else (lambda _: False)
        return lambda module: matches(module) or any(part in names for part in _runs(module))


def read_quantization(config: object) -> Quantization | None:
    """What a `quantization_config` says; None where it says nothing, or what nobody here can tell."""
    if not isinstance(config, Mapping):
        return None
    method = str(config.get("quant_method") or "").lower()
    found = _READERS.get(method, _guess)(config)
    if found is None:
        return None
    label, bits, overhead = found
    precision = WeightPrecision.INT4 if bits <= 4 else WeightPrecision.FP8
    return Quantization(label, precision, bits + overhead, tuple(_kept(config)))


_Found = tuple[str, float, float] | None
"""A label, the bits of a number, and those of its share of scales and zero points."""


def _awq(config: Mapping[str, Any]) -> _Found:
    bits = _number(config.get("bits", config.get("w_bit")), 4)
    group = _number(config.get("group_size", config.get("q_group_size")), 128)
    return f"INT{bits} (AWQ)", bits, _per_group(group, zeros=bits if config.get("zero_point", True) else 0)


def _gptq(config: Mapping[str, Any]) -> _Found:
    bits = _number(config.get("bits"), 4)
    # zero points are stored even where they are all the same
    return f"INT{bits} (GPTQ)", bits, _per_group(_number(config.get("group_size"), 128), zeros=bits)


def _fp8(config: Mapping[str, Any]) -> _Found:
    block = config.get("weight_block_size")
    cells = _number(block[0], 0) * _number(block[1], 0) if isinstance(block, list) and len(block) == 2 else 0
    return "FP8", 8, 32 / cells if cells > 0 else 0.0


def _bitsandbytes(config: Mapping[str, Any]) -> _Found:
    if config.get("load_in_8bit") is True:
        return "INT8 (bitsandbytes)", 8, 0.0
    kind = str(config.get("bnb_4bit_quant_type") or "fp4").upper()[:8]
    # a float32 scale for 64 numbers; quantized twice it takes 8 bits, and one float32 for 256 of them (Dettmers et
    # al., QLoRA, 2023, section 3)
    overhead = 8 / 64 + 32 / (64 * 256) if config.get("bnb_4bit_use_double_quant") is True else 32 / 64
    return f"{kind} (bitsandbytes)", 4, overhead


def _mxfp4(_: Mapping[str, Any]) -> _Found:
    return "MXFP4", 4, 8 / 32


def _modelopt(config: Mapping[str, Any]) -> _Found:
    nested = config.get("quantization")
    algorithm = str((nested if isinstance(nested, Mapping) else config).get("quant_algo") or "").upper()
    if "FP4" in algorithm:
        return "NVFP4", 4, 8 / 16
    return ("FP8", 8, 0.0) if "FP8" in algorithm else None


def _compressed(config: Mapping[str, Any]) -> _Found:
    """compressed-tensors: groups of modules, each with its scheme; the widest is taken for all."""
    groups = config.get("config_groups")
    schemes = [
        each["weights"]
        for each in (groups.values() if isinstance(groups, Mapping) else ())
        if isinstance(each, Mapping) and isinstance(each.get("weights"), Mapping)
    ]
    found = [_scheme(scheme) for scheme in schemes]
    return max(found, key=lambda each: each[1] + each[2], default=None)


def _scheme(scheme: Mapping[str, Any]) -> tuple[str, float, float]:
    bits = _number(scheme.get("num_bits"), 8)
    group = _number(scheme.get("group_size"), -1)
    if scheme.get("type") == "float":
        return ("NVFP4", bits, 8 / 16) if bits == 4 else (f"FP{bits}", bits, _per_group(group))
    return f"INT{bits}", bits, _per_group(group, zeros=0 if scheme.get("symmetric", True) else bits)


def _guess(config: Mapping[str, Any]) -> _Found:
    """Methods that vLLM knows and that are rare: by what they are called."""
    method = str(config.get("quant_method") or "").lower()
    bits = _number(config.get("bits"), 0)
    if "fp8" in method:
        return "FP8", 8, 0.0
    if bits:
        return f"INT{bits}", bits, _per_group(_number(config.get("group_size"), 128))
    return _bitsandbytes(config) if config.get("load_in_4bit") is True else None


_READERS: Mapping[str, Callable[[Mapping[str, Any]], _Found]] = {
    "awq": _awq,
    "gptq": _gptq,
    "fp8": _fp8,
    "fbgemm_fp8": _fp8,
    "bitsandbytes": _bitsandbytes,
    "mxfp4": _mxfp4,
    "modelopt": _modelopt,
    "modelopt_fp4": _modelopt,
    "compressed-tensors": _compressed,
}


def _per_group(group: int, *, zeros: int = 0) -> float:
    """A 16-bit scale for each group of numbers, and a zero point; next to nothing where a whole row is one group."""
    return (_SCALE_BITS + zeros) / group if group > 0 else 0.0


def _number(value: object, default: int) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= 1_000_000
    return value if is_number and isinstance(value, int) and value != 0 else default


def _kept(config: Mapping[str, Any]) -> Iterator[str]:
    nested = config.get("quantization")
    places = [config, *([nested] if isinstance(nested, Mapping) else ())]
    found = [each for place in places for key in _KEPT_KEYS if isinstance(place.get(key), list) for each in place[key]]
    if isinstance(dynamic := config.get("dynamic"), Mapping):  # GPTQModel: "-:" leaves what the expression matches
        found += [f"re:{each[2:]}" for each in dynamic if isinstance(each, str) and each.startswith("-:")]
    yield from (each for each in found[:_MAX_PATTERNS] if isinstance(each, str) and 0 < len(each) <= _MAX_PATTERN)


def _is_expression(pattern: str) -> bool:
    return pattern.startswith("re:") or "*" in pattern


def _expression(pattern: str) -> str:
    """Expressions are matched from a name's start, as compressed-tensors does; `*` of a glob stands for anything."""
    if pattern.startswith("re:"):
        return f"(?:{pattern[3:]})"
    return f"(?:{re.escape(pattern).replace(re.escape('*'), '.*')}$)"


def _matcher(expressions: list[str]) -> Callable[[str], bool]:
    import re2

    options = re2.Options()
    options.log_errors = False
    compiled = []
    for each in expressions[:_MAX_PATTERN]:
        try:
            compiled.append(re2.compile(each, options))
        except re2.error:  # one that RE2 does not know leaves its modules quantized
            continue
    return lambda module: any(pattern.match(module) for pattern in compiled)


def _runs(module: str) -> Iterator[str]:
    """Every run of a dotted name's parts: `layers.0.self_attn` of `model.layers.0.self_attn.q_proj` is one."""
    parts = module.split(".")
    for begin in range(len(parts)):
        for end in range(begin + 1, len(parts) + 1):
            yield ".".join(parts[begin:end])
