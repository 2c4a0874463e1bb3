"""Renders a measurement for a person, a line for each thing measured. Measures nothing.

What a server says of itself is cleaned.
"""

from collections.abc import Iterator

from ..doctor.measurement import ContextLength, Measurement, PrefixCache, Speed, StructuredOutput
from .clean import clean_line
from .ink import Ink

__all__ = ["render_measurement"]

_WIDTH = 18


def render_measurement(measured: Measurement, *, ink: Ink) -> str:
    """All of it; what one should know of before relying on the server is marked."""
    return "".join(f"{line}\n" for line in _lines(measured, ink))


def _lines(measured: Measurement, ink: Ink) -> Iterator[str]:
    told = f" ({clean_line(measured.engine)})" if measured.engine else ""
    yield ink.place(f"{clean_line(measured.model)} at {clean_line(measured.base_url)}{told}")
    rows = {
        "context": _context(measured.context, ink),
        "prefix cache": _cache(measured.cache, ink),
        "structured output": _structured(measured.structured, ink),
        "streaming": _streaming(measured.speed, ink),
        "speed": _speed(measured.speed),
        "replies": _replies(measured, ink),
        "token counts": "by the server" if measured.counts_tokens else ink.warning("none: counts above are estimates"),
    }
    for name, text in rows.items():
        if text:
            yield f"{name:<{_WIDTH}}{text}"
    for note in measured.notes:
        yield ink.warning(f"{'not measured':<{_WIDTH}}{clean_line(note)}")


def _context(context: ContextLength | None, ink: Ink) -> str:
    if context is None:
        return ""
    read = f"{context.tokens:,} tokens read whole"
    said = f": {clean_line(context.said)}" if context.said else ""
    tried = f"{context.tried:,}"
    ends = {
        "max_tokens": "; no longer prompt was tried (--max-tokens)",
        "time": f"; for {tried} the time would not do (--max-seconds)",
        "busy": f"; at {tried} the server took no more requests{said}",
        "refused": f"; {tried} are refused{said}",
        "cut": f"; of {tried} the server cuts a part, without a word{said}",
        "lost": f"; in {tried} the model does not find what it is asked for",
        "garbled": f"; the reply to {tried} is no text",
        "failed": f"; {tried} break the connection{said}",
    }
    by_count = "" if context.by_codes else " by its count, though the model finds nothing in them"
    text = f"{read}{by_count}{ends[context.limit]}"
    return ink.warning(text) if context.is_limited and context.limit != "refused" else text


def _cache(cache: PrefixCache | None, ink: Ink) -> str:
    if cache is None:
        return ""
    times = f"{cache.prompt_tokens:,} tokens: first text after {cache.cold_s:.2f} s, again after {cache.warm_s:.2f} s"
    match cache.status:
        case "reported":
            return f"yes, {cache.cached_tokens:,} of {times}"
        case "seen":
            return f"yes by the clock, though not reported; {times}"
        case "none":
            return ink.warning(f"none; {times}")
        case "unclear":
            return f"not reported, and too quick to tell; {times}"


def _structured(structured: StructuredOutput | None, ink: Ink) -> str:
    if structured is None:
        return ""
    said = f": {clean_line(structured.said)}" if structured.said else ""
    match structured.status:
        case "constrained":
            return "a JSON schema constrains the reply"
        case "ignored":
            return ink.warning(f"a JSON schema is accepted and ignored{said}")
        case "refused":
            return ink.warning(f"a JSON schema is refused{said}")
        case "unclear":
            return ink.warning(f"unclear: the reply began as JSON and was cut off{said}")


def _streaming(speed: Speed | None, ink: Ink) -> str:
    if speed is None:
        return ""
    return "yes" if speed.streams else ink.warning("no, the reply comes all at once")


def _speed(speed: Speed | None) -> str:
    if speed is None:
        return ""
    prefill = f"reads {speed.prefill_tokens_per_s:,.0f} tokens/s, " if speed.prefill_tokens_per_s else ""
    return f"{prefill}writes {speed.decode_tokens_per_s:,.0f} tokens/s, begins after {speed.first_token_s:.2f} s"


def _replies(measured: Measurement, ink: Ink) -> str:
    if measured.garbled_at is None:
        return "text at every length"
    if measured.garbled_at == 0:
        return ink.warning("garbled, even to a short prompt")
    return ink.warning(f"garbled from {measured.garbled_at:,} tokens on")
