"""What hosted providers and rented GPUs cost: `prices.json`, or a file of the user's in its shape.

Every price has a date and a source. Knows nothing of plans.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from ...errors import InputError

__all__ = ["GpuHour", "HostedPrice", "Prices", "read_prices"]

_MAX_BYTES = 1_000_000
_Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_SomeDollars = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]  # what is free breaks even with nothing
_Text = Annotated[str, Field(min_length=1, max_length=500)]


class HostedPrice(BaseModel):
    """What one provider takes for a model.

    Attributes:
        model: By its name in plans.
        context_tokens: The longest prompt with its answer; None where nobody said.
        cached_input_per_million: Of tokens that the provider had cached; None where nobody said, which is no discount.
        hosts: Its servers, by host or host:port; `*` stands for anything.
        names: The model, by the names that its servers know; likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: _Text
    model: _Text
    input_per_million: _SomeDollars
    output_per_million: _Dollars
    cached_input_per_million: _Dollars | None = None
    hosts: tuple[_Text, ...] = ()
    names: tuple[_Text, ...] = ()
    context_tokens: Annotated[int, Field(gt=0)] | None = None
    date: _Text
    source: _Text

    def dollars(self, *, input_tokens: int, output_tokens: int) -> float:
        """For one request; none of it is taken to be discounted as cached."""
        return (input_tokens * self.input_per_million + output_tokens * self.output_per_million) / 1e6

    def takes(self, tokens: int) -> bool:
        """Whether a prompt with its answer is known to be too long for it."""
        return self.context_tokens is None or tokens <= self.context_tokens

    @field_validator("cached_input_per_million")
    @classmethod
    def _is_no_more(cls, cached: float | None, info: ValidationInfo) -> float | None:
        if cached is not None and cached > info.data.get("input_per_million", cached):
            raise ValueError("it is more than the price of input")
        return cached

    def is_of(self, host: str, port: int | None, *names: str) -> bool:
        """Whether it is the price of a model, by any of its names, at a server."""
        return _any_matches(self.hosts, host, f"{host}:{port}") and _any_matches(self.names, *names)


class GpuHour(BaseModel):
    """What a rented GPU costs an hour, from the cheapest to the dearest offer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gpu: _Text
    low: _SomeDollars
    high: _SomeDollars
    date: _Text
    source: _Text

    @field_validator("high")
    @classmethod
    def _is_no_less(cls, high: float, info: ValidationInfo) -> float:
        if high < info.data.get("low", high):
            raise ValueError("it is less than the low price")
        return high


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    note: str = ""
    hosted: tuple[HostedPrice, ...] = ()
    gpu_hours: tuple[GpuHour, ...] = ()


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices of one file."""

    hosted: tuple[HostedPrice, ...]
    gpu_hours: tuple[GpuHour, ...]

    def of_model(self, *names: str) -> tuple[HostedPrice, ...]:
        """The providers of the model with these names, the cheapest input first."""
        wanted = {name.lower() for name in names}
        found = [price for price in self.hosted if price.model.lower() in wanted]
        return tuple(sorted(found, key=lambda price: (price.input_per_million, price.provider)))

    def of_endpoint(self, host: str, port: int | None, *names: str) -> HostedPrice | None:
        """The first price of a model at a server; None where the file has none."""
        return next((price for price in self.hosted if price.is_of(host, port, *names)), None)

    def of_gpu(self, *names: str) -> GpuHour | None:
        """The hour of the GPU with these names, where the file has it."""
        wanted = {name.lower() for name in names}
        return next((hour for hour in self.gpu_hours if hour.gpu.lower() in wanted), None)


def _any_matches(patterns: Iterable[str], *words: str) -> bool:
    return any(fnmatchcase(word.lower(), pattern.lower()) for pattern in patterns for word in words)


def read_prices(file: Path | None = None) -> Prices:
    """The prices of a file, or the built-in ones.

    Raises:
        InputError: The file cannot be read or is not of the shape of the built-in one; the key is named.
    """
    place = file or Path(__file__).with_name("prices.json")
    try:
        with place.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{place}: cannot be read ({error.strerror})") from error
    if len(data) > _MAX_BYTES:
        raise InputError(f"{place}: over {_MAX_BYTES:,} bytes; no table of prices is so large")
    try:
        found = _File.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(f"{place}: {key}: {first['msg']}; start from a copy of the built-in table") from error
    return Prices(found.hosted, found.gpu_hours)
