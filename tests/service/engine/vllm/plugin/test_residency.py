"""What the engine's events tell is what is held."""

import logging
from typing import Any

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.pace import Pace
from repoask.service.engine.vllm.plugin.repoask_vllm.residency import Residency


def stored(*blocks: int, group: int = 0, medium: str = "GPU") -> dict[str, Any]:
    return {"type": "BlockStored", "block_hashes": list(blocks), "group_idx": group, "medium": medium}


def removed(*blocks: int, group: int = 0, medium: str = "GPU") -> dict[str, Any]:
    return {"type": "BlockRemoved", "block_hashes": list(blocks), "group_idx": group, "medium": medium}


def held(*batches: list[dict[str, Any]]) -> list[set[int]]:
    residency = Residency(2)
    for sequence, events in enumerate(batches):
        residency.note(sequence, events)
    return [set(group) for group in residency.held]


def test_a_block_is_held_until_its_last_copy_is_removed() -> None:
    batches = [[stored(1, 2), stored(2)], [removed(2)], [removed(2), stored(7, group=1)]]
    assert held(*batches[:2]) == [{1, 2}, set()]
    assert held(*batches) == [{1}, {7}]


def test_other_media_and_unknown_groups_and_events_are_passed_over() -> None:
    assert held([stored(1), stored(2, medium="CPU"), removed(1, medium="CPU"), stored(3, group=5), {"type": "X"}]) == [
        {1},
        set(),
    ]


def test_a_cleared_cache_holds_nothing() -> None:
    assert held([stored(1), {"type": "AllBlocksCleared"}, stored(2)]) == [{2}, set()]


def test_missed_batches_leave_less_known_not_more(caplog: pytest.LogCaptureFixture) -> None:
    residency = Residency(1)
    residency.note(0, [stored(1, 2)])
    with caplog.at_level(logging.WARNING):
        residency.note(2, [stored(3), removed(1)])
    assert set(residency.held[0]) == {3}
    assert "missed" in caplog.text


def test_seconds_are_told_once_they_were_measured() -> None:
    pace = Pace()
    assert pace.seconds(10) is None
    pace.note(100, 0.1)
    assert (pace.seconds(10), pace.seconds(10_000)) == (0.1, None)
    pace.note(10_000, 1.1)
    assert pace.seconds(20_000) == pytest.approx(2.1)
