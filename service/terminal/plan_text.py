"""Renders a plan for a person: what to do and why, then the tables, then the command. Computes nothing.

Names come from the command line and from files: they are cleaned.
"""

import shlex
from collections.abc import Iterator, Sequence

from ..planning.plan import Plan, PlannedTime, PrecisionChoice
from ..planning.quantities import bytes_text, count_text, dollars_text, seconds_text, tokens_text
from ..planning.speed import DISK_BYTES_S
from .clean import clean_line
from .ink import Ink

__all__ = ["render_plan"]

_WRAP_CHARS = 96
_Row = Sequence[str]


def render_plan(plan: Plan, *, ink: Ink) -> str:
    """The whole plan."""
    blocks = [_verdict(plan, ink), _memory(plan, ink)]
    if plan.times:
        blocks += [_times(plan, ink), _tier(plan)]
    if plan.hosted:
        blocks.append(_hosted(plan, ink))
    blocks.append(_recommendation(plan, ink))
    if plan.command:
        title = ["To serve it yourself all the same:"] if plan.recommendation.choice == "hosted" else []
        blocks.append("\n".join([*title, *_command(plan)]))
    return "\n\n".join(blocks) + "\n"


def _verdict(plan: Plan, ink: Ink) -> str:
    told = _wrapped(clean_line(plan.verdict)).split("\n")
    return "\n".join(ink.place(line) if plan.fits else ink.warning(line) for line in told)


def _recommendation(plan: Plan, ink: Ink) -> str:
    advice = plan.recommendation
    told = _wrapped(f"Recommended: {clean_line(advice.headline)}. {clean_line(advice.reason)}").split("\n")
    notes = [_wrapped(clean_line(note), first="- ", rest="  ") for note in plan.notes]
    return "\n".join([*map(ink.place, told), *notes])


def _memory(plan: Plan, ink: Ink) -> str:
    model, gpus = plan.model, plan.gpus
    parameters = f"{count_text(model.total_parameters)} parameters, {count_text(model.active_parameters)} active"
    layers = f"{model.global_layers} global layers"
    if model.local_layers:
        layers += f" and {model.local_layers} with a window of {model.window:,} tokens"
    room = f"{bytes_text(gpus.memory_bytes)}, of which {bytes_text(gpus.usable_bytes)} for weights and KV"
    facts = [f"{clean_line(model.title)}: {parameters}; {layers}", f"{gpus.count} x {clean_line(gpus.name)}: {room}"]
    if plan.pack:
        counted = "" if plan.pack.exact else "about "
        facts.append(
            f"{clean_line(plan.pack.source)}: {counted}{plan.pack.tokens:,} tokens in {plan.pack.files:,} files "
            f"({clean_line(plan.pack.counted_by)})"
        )
    head = ["weights", "KV", "weights take", "left for KV", "KV a token", "plus windows", "longest prompt"]
    rows = [_choice_row(choice) for choice in plan.choices]
    if plan.pack:
        head.append("packs at once")
        rows = [
            [*row, f"{choice.at_once:,}" if choice.at_once else "-"]
            for row, choice in zip(rows, plan.choices, strict=True)
        ]
    return "\n".join([*facts, "", *_table(head, rows, ink, marked=plan.chosen)])


def _choice_row(choice: PrecisionChoice) -> list[str]:
    pool = bytes_text(abs(choice.kv_pool_bytes))
    return [
        choice.weights,
        choice.kv,
        bytes_text(choice.weights_bytes),
        pool if choice.kv_pool_bytes > 0 else f"{pool} short",
        f"{choice.kv_bytes_per_token / 1024:g} KiB",
        bytes_text(choice.window_bytes) if choice.window_bytes else "-",
        f"{choice.context:,}" if choice.context else "does not fit",
    ]


def _times(plan: Plan, ink: Ink) -> str:
    head = ("prompt", "read cold", "in practice", "cached, to the first token", "an answer's tokens/s")
    rows = [_time_row(time) for time in plan.times]
    marked = next((index for index, time in enumerate(plan.times) if time.is_pack), None)
    return "\n".join(_table(head, rows, ink, marked=marked))


def _time_row(time: PlannedTime) -> list[str]:
    return [
        f"{time.tokens:,}{' (pack, evidence, question)' if time.is_pack else ''}",
        seconds_text(time.cold_s),
        seconds_text(time.cold_in_practice_s),
        seconds_text(time.cached_s),
        f"up to {time.decode_tokens_s:,.0f}",
    ]


def _tier(plan: Plan) -> str:
    assert plan.tier is not None
    kept = bytes_text(plan.tier.host_bytes)
    return _wrapped(
        f"To keep the KV of {tokens_text(plan.tier.tokens)} tokens over a restart: {kept} of host memory and as much "
        f"disk; back in {seconds_text(plan.tier.reload_s)} from host memory, in "
        f"{seconds_text(plan.tier.disk_reload_s)} from a disk of {bytes_text(DISK_BYTES_S)} a second."
    )


def _hosted(plan: Plan, ink: Ink) -> str:
    has_day = any(cost.dollars_per_day is not None for cost in plan.hosted)
    head = ["hosted", "longest prompt", *(["whole pack, each"] if plan.pack else []), "retrieved, each"]
    head += ["a day"] if has_day else []
    rows = []
    for cost in plan.hosted:
        row = [clean_line(cost.provider), f"{cost.context:,}" if cost.context else "?"]
        row += [_price(cost.whole_pack_dollars)] if plan.pack else []
        row += [_price(cost.retrieved_dollars)]
        row += [_price(cost.dollars_per_day)] if has_day else []
        rows.append(row)
    lines = list(_table(head, rows, ink))
    if meeting := plan.self_hosting:
        low, high = dollars_text(meeting.dollars_per_day_low), dollars_text(meeting.dollars_per_day_high)
        price = low if low == high else f"{low} to {high}"
        lines.append(
            _wrapped(
                f"These GPUs: {price} a day. They meet {clean_line(meeting.provider)} at "
                f"{count_text(meeting.break_even_tokens_per_day)} tokens a day "
                f"({count_text(meeting.break_even_questions_per_day)} {meeting.mode} questions; the machine answers at "
                f"most {count_text(meeting.capacity_questions_per_day)})."
            )
        )
    dates = sorted({cost.date for cost in plan.hosted})
    lines.append(ink.dim(f"Prices of {clean_line(', '.join(dates))}; --prices FILE takes newer ones."))
    return "\n".join(lines)


def _price(dollars: float | None) -> str:
    return "too long" if dollars is None else dollars_text(dollars)


def _command(plan: Plan) -> Iterator[str]:
    """One flag with its value a line, ready for a shell."""
    lines: list[list[str]] = [[]]
    for word in plan.command:
        if word.startswith("--"):
            lines.append([])
        lines[-1].append(clean_line(shlex.quote(word)))
    for number, words in enumerate(lines):
        end = " \\" if number < len(lines) - 1 else ""
        yield f"{'    ' if number else '  '}{' '.join(words)}{end}"


def _table(head: _Row, rows: Sequence[_Row], ink: Ink, *, marked: int | None = None) -> Iterator[str]:
    """Columns to the right of the first are aligned to the right; the row that the plan is about has a mark."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    yield ink.dim(f"  {_row(head, widths)}")
    for number, row in enumerate(rows):
        yield f"{'>' if number == marked else ' '} {_row(row, widths)}"


def _row(cells: _Row, widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "   ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in rest)]).rstrip()


def _wrapped(text: str, *, first: str = "", rest: str = "") -> str:
    from textwrap import fill

    return fill(
        text, _WRAP_CHARS, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
