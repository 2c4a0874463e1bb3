"""Makes of the settings how a reply is drawn. Imports the engines' values only when one is asked."""

from typing import TYPE_CHECKING

from ...settings import Settings

if TYPE_CHECKING:
    from ..engine.protocol import SamplingParams

__all__ = ["sampling_of"]


def sampling_of(settings: Settings) -> "SamplingParams":
    """As the settings say."""
    from ..engine.protocol import SamplingParams

    return SamplingParams(temperature=settings.temperature, seed=settings.seed, max_tokens=settings.max_tokens)
