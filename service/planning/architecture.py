"""What of a model decides memory and time: its attention, its experts, its parameters. Knows no file and no GPU."""

from dataclasses import dataclass

from .precision import FULL_PRECISION_BYTES, KvPrecision, WeightPrecision

__all__ = ["Architecture", "Attention", "Experts", "Parameters"]


@dataclass(frozen=True, slots=True)
class Attention:
    """The attention of all layers. Local layers see a window, global ones everything before.

    Attributes:
        global_layers: See the whole prompt.
        local_layers: See a window of it.
        window: Its length in tokens; 0 where no layer is local.
        is_chunked: The window is the chunk that a token stands in (Llama 4), not the last `window` tokens.
        heads: Of the queries.
        kv_heads: Over so many GPUs the KV can be spread; 1 for MLA, whose one latent vector every GPU needs.
        key_width: Of one head.
        value_width: Of one head.
        kv_values: Numbers kept for a layer and token.
    """

    global_layers: int
    local_layers: int
    window: int
    is_chunked: bool
    heads: int
    kv_heads: int
    key_width: int
    value_width: int
    kv_values: int

    @property
    def layers(self) -> int:
        """All of them."""
        return self.global_layers + self.local_layers

    def kv_bytes_per_layer(self, precision: KvPrecision) -> int:
        """Of one token: keys and values of the KV heads. Scout in bf16: 2 x 8 x 128 x 2 B = 4,096 (DESIGN.md, 5)."""
        return self.kv_values * precision.bytes_each

    def flops_per_pair(self) -> int:
        """Of one layer for one query and one key: a multiplication and an addition for each number of both.

        Q·K takes 2 x heads x key width, the weighted sum of V the same of its width (Dao, FlashAttention-2, 2023,
        section 4.1: 4 x length² x head width x heads, halved where the mask is causal).
        """
        return 2 * self.heads * (self.key_width + self.value_width)


@dataclass(frozen=True, slots=True)
class Experts:
    """The experts of a mixture.

    Attributes:
        count: Routed ones in a layer.
        active: Of them, chosen for one token.
        width: Of one expert's hidden layer.
        layers: Layers that have them.
    """

    count: int
    active: int
    width: int
    layers: int


@dataclass(frozen=True, slots=True)
class Parameters:
    """How many numbers a model is made of. Norms and biases, under 0.1%, are left out.

    Attributes:
        total: All of them: what memory must hold.
        active: Of them, used for one token: what vendors call active.
        multiplied: Active ones without the embedding table, in which a token is only looked up: what compute counts.
        head: Of `multiplied`, the table that scores the vocabulary: a prefill needs it for its last token alone.
        full_precision: Of `total`, those that stay bf16 when a model is quantized.
        active_full_precision: Of `multiplied`, the same.
        quantized_bytes: Of one number of the rest, where the files are quantized already; None where they are not.
        adapter_bytes: Of the LoRA adapters that are served beside it, which are no parameters of its own.
    """

    total: int
    active: int
    multiplied: int
    head: int
    full_precision: int
    active_full_precision: int
    quantized_bytes: float | None = None
    adapter_bytes: int = 0

    def bytes_each(self, precision: WeightPrecision) -> float:
        """Of one number that is not kept in full precision."""
        return precision.bytes_each if self.quantized_bytes is None else self.quantized_bytes

    def bytes(self, precision: WeightPrecision) -> int:
        """What all weights take, those of adapters included."""
        return _bytes(self.total, self.full_precision, self.bytes_each(precision)) + self.adapter_bytes

    def active_bytes(self, precision: WeightPrecision) -> int:
        """What must be read from memory to make one token."""
        return _bytes(self.multiplied, self.active_full_precision, self.bytes_each(precision))


def _bytes(count: int, full_precision: int, bytes_each: float) -> int:
    return round((count - full_precision) * bytes_each) + full_precision * FULL_PRECISION_BYTES


@dataclass(frozen=True, slots=True)
class Architecture:
    """A model, as far as planning goes.

    Attributes:
        family: `model_type` of its configuration.
        context: The longest prompt with its answer, in tokens.
        experts: None for a dense model.
        stored: The precision that its files are in; None where they are full precision.
        quantization: How they came to it, for people: `INT4 (AWQ)`; "" where they are full precision.
        has_vision: It takes images too.
    """

    family: str
    context: int
    attention: Attention
    parameters: Parameters
    experts: Experts | None = None
    stored: WeightPrecision | None = None
    quantization: str = ""
    has_vision: bool = False
