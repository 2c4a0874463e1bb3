"""Lays measures, latency and memory out as one table, a column for each system. Knows nothing of how they were had."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from indexing import IndexingCost
from measures import Estimate, Mean, Scored, estimate, mean_over_languages, mean_over_questions

__all__ = ["Report", "Row", "make_report", "render"]

_MAIN = {"files": "ndcg@10", "lines": "hit@5"}
"""The measure that is told for each kind, language and repository."""

_WITH_INTERVAL = frozenset({"ndcg@10", "hit@1", "hit@5", "recall@10", "mrr", "absent found out", "answerable refused"})
_IN_COUNTS = frozenset({"absent found out", "answerable refused"})


@dataclass(frozen=True, slots=True)
class Row:
    """A measure with a cell for each system, in order; None where it does not apply.

    Attributes:
        part: "files" or "lines".
        by: What the questions have in common, such as `language` and `go`; both "" for all of them.
        against_first: Beside each system the difference from the first one, of the same questions.
    """

    part: str
    by: tuple[str, str]
    measure: str
    cells: tuple[Estimate | None, ...]
    against_first: tuple[Estimate | None, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told.

    Attributes:
        latency_ms: (p50, p99) of each system over all questions.
        largest: The name of the largest checkout.
        largest_latency_ms: The same over its questions alone, asked of all of it.
        missing: Repositories that are not checked out.
    """

    systems: tuple[str, ...]
    rows: tuple[Row, ...]
    latency_ms: Mapping[str, tuple[float, float]]
    largest: str
    largest_latency_ms: Mapping[str, tuple[float, float]]
    indexing: IndexingCost | None
    missing: tuple[str, ...]


def make_report(
    systems: Sequence[str],
    scored: Mapping[str, Mapping[str, Sequence[Scored]]],
    seconds: Mapping[str, Sequence[float]],
    largest: tuple[str, Mapping[str, Sequence[float]]],
    indexing: IndexingCost | None,
    missing: Iterable[str],
) -> Report:
    """Takes the means of measures by part and system, and the percentiles of times."""
    rows = [row for part, by_system in scored.items() if by_system for row in _rows(part, systems, by_system)]
    return Report(
        systems=tuple(systems),
        rows=tuple(rows),
        latency_ms={name: _percentiles(times) for name, times in seconds.items()},
        largest=largest[0],
        largest_latency_ms={name: _percentiles(times) for name, times in largest[1].items()},
        indexing=indexing,
        missing=tuple(missing),
    )


def _rows(part: str, systems: Sequence[str], by_system: Mapping[str, Sequence[Scored]]) -> Iterable[Row]:
    columns = [by_system[name] for name in systems]
    mean = mean_over_languages if part == "files" else mean_over_questions
    for measure in dict.fromkeys(measure for one in columns[0] for measure in one.measures):
        yield _row(part, ("", ""), measure, columns, mean if measure == "ndcg@10" else mean_over_questions)
    for by in ("kind", "language", "repository"):
        for value in sorted({getattr(one, by) for one in columns[0]}):
            chosen = [[one for one in column if getattr(one, by) == value] for column in columns]
            # a kind is told over languages as the whole is, the rest has one language
            yield _row(part, (by, value), _MAIN[part], chosen, mean)
    yield from _absent_by_repository(part, columns)


def _absent_by_repository(part: str, columns: Sequence[Sequence[Scored]]) -> Iterable[Row]:
    for value in sorted({one.repository for one in columns[0] if "absent found out" in one.measures}):
        chosen = [[one for one in column if one.repository == value] for column in columns]
        yield _row(part, ("repository", value), "absent found out", chosen, mean_over_questions)


def _row(part: str, by: tuple[str, str], measure: str, columns: Sequence[Sequence[Scored]], mean: Mean) -> Row:
    cells = tuple(estimate(column, measure, mean=mean) for column in columns)
    against = tuple(estimate(_differences(columns[0], column, measure), measure, mean=mean) for column in columns[1:])
    return Row(part, by, measure, cells, (None, *against))


def _differences(first: Sequence[Scored], second: Sequence[Scored], measure: str) -> Iterable[Scored]:
    for one, other in zip(first, second, strict=True):
        if measure in one.measures and measure in other.measures:
            difference = other.measures[measure] - one.measures[measure]
            yield Scored(one.repository, one.language, one.kind, {measure: difference})


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    if not seconds:
        return 0.0, 0.0
    p50, p99 = np.percentile(np.array(seconds) * 1000, (50, 99))
    return float(p50), float(p99)


def render(report: Report) -> str:
    """The report as one Markdown table."""
    lines = [["measure", "questions", *report.systems]]
    lines += [line for row in report.rows if (line := _line(row))]
    for name, latency in (
        ("all questions", report.latency_ms),
        (f"{report.largest}, the largest", report.largest_latency_ms),
    ):
        cells = [f"{latency[system][0]:.1f} / {latency[system][1]:.1f}" for system in report.systems]
        lines.append([f"p50 / p99 ms, {name}", "", *cells])
    blank = [""] * (len(report.systems) - 1)
    lines += [[name, "", value, *blank] for name, value in _indexing_lines(report.indexing)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    told = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    told.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    if report.missing:
        told.append("\nnot checked out: " + ", ".join(report.missing))
    return "\n".join(told)


def _line(row: Row) -> list[str]:
    counts = [cell.count for cell in row.cells if cell]
    if not counts:  # a kind of questions that the measure does not apply to
        return []
    name = f"{row.part} {row.measure}" + (f", {row.by[1]}" if row.by[0] else "")
    is_main = not row.by[0] and row.measure in _WITH_INTERVAL
    return [name, str(counts[0]), *(_cell(row, at, with_interval=is_main) for at in range(len(row.cells)))]


def _cell(row: Row, at: int, *, with_interval: bool) -> str:
    cell = row.cells[at]
    if cell is None:
        return ""
    told = f"{cell.value:.1f}" if row.measure == "lines a span" else f"{cell.value:.3f}"
    if row.measure in _IN_COUNTS:
        told += f" ({round(cell.value * cell.count)} of {cell.count})"
    if with_interval:
        told += f" [{cell.low:.3f}, {cell.high:.3f}]"
        against = row.against_first[at]
        told += f" {against.value:+.3f} [{against.low:+.3f}, {against.high:+.3f}]" if against else ""
    return told


def _indexing_lines(cost: IndexingCost | None) -> list[tuple[str, str]]:
    if cost is None:
        return []
    size = f"{cost.num_files} files, {cost.num_bytes / 1e6:.1f} MB"
    return [
        (
            f"peak RSS / PSS MB of the process tree, {cost.repository} ({size})",
            f"{cost.rss / 1e6:.0f} / {cost.pss / 1e6:.0f}",
        ),
        ("index s / parse s alone", f"{cost.index_s:.2f} / {cost.parse_s:.2f} = {cost.index_s / cost.parse_s:.2f}"),
        ("cold question s, process start to exit", f"{cost.cold_s:.2f}"),
    ]
