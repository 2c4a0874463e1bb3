"""What a plan is asked for, and what follows from it alone: the prompt that must fit, the questions, their volume."""

from dataclasses import dataclass, replace

from ...errors import InputError
from .costs import Question
from .gpus import Machine
from .models import Model
from .plan import PlannedPack
from .precision import KvPrecision, WeightPrecision
from .prices import GpuHour, HostedPrice, Prices

__all__ = ["Request"]


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

    def check(self) -> None:
        """Refuses what contradicts itself.

        Raises:
            InputError: Two volumes, or a precision that the model's files do not have.
        """
        if self.tokens_per_day is not None and self.questions_per_day is not None:
            raise InputError("give --tokens-per-day or --questions-per-day, not both")
        if self.weights and self.weights not in self.model.precisions:
            stored = self.model.precisions[0].value
            raise InputError(f"{self.model.name}: its files hold {stored} weights already; leave --weights out")

    def over(self, pack: PlannedPack) -> "Request":
        """The same for a pack."""
        return replace(self, pack=pack)

    @property
    def retrieved_tokens(self) -> int:
        """A question over retrieved evidence with its answer: what a server must take to be of any use."""
        return min(Question().tokens, self.model.architecture.context)

    @property
    def needed_tokens(self) -> int:
        """The prompt with its answer that must fit: over the whole pack, where there is one."""
        return Question(self.pack.tokens).tokens if self.pack else self.retrieved_tokens

    @property
    def weight_precisions(self) -> tuple[WeightPrecision, ...]:
        """Those allowed, the most exact first."""
        return (self.weights,) if self.weights else self.model.precisions

    @property
    def kv_precisions(self) -> tuple[KvPrecision, ...]:
        """Those allowed, the most exact first."""
        return (self.kv,) if self.kv else tuple(KvPrecision)

    @property
    def hosted(self) -> tuple[HostedPrice, ...]:
        """The providers of the model."""
        return self.prices.of_model(self.model.name, *self.model.aliases)

    @property
    def question(self) -> Question:
        """The questions whose price is compared: over the whole pack where a provider takes it, else retrieved ones."""
        whole = Question(self.pack.tokens if self.pack else 0)
        return whole if any(price.takes(whole.tokens) for price in self.hosted) else Question()

    @property
    def questions_a_day(self) -> float | None:
        """The volume in questions; None where none was given."""
        return self.questions_per_day if self.tokens_per_day is None else self.tokens_per_day / self.question.tokens

    @property
    def tokens_a_day(self) -> float | None:
        """The volume in tokens; None where none was given."""
        return self.tokens_per_day if self.questions_per_day is None else self.questions_per_day * self.question.tokens

    def gpu_hour(self, machine: Machine) -> GpuHour | None:
        """The price of a GPU's hour: the one given, else the table's, where it has one."""
        if self.gpu_price is None:
            return self.prices.of_gpu(machine.gpu.name, *machine.gpu.aliases)
        return GpuHour(
            gpu=machine.gpu.name, low=self.gpu_price, high=self.gpu_price, date="given", source="--gpu-price"
        )
