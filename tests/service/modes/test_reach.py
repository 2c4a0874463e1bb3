from typing import Any

import pytest
from repoask.service.doctor.measurement import ContextLength, Measurement
from repoask.service.engine.protocol import EngineInfo
from repoask.service.modes.reach import Reach, Reserve

RESERVE = Reserve(max_tokens=2_000, evidence_tokens=12_000, session_tokens=6_000)


def info(max_model_len: int | None = None) -> EngineInfo:
    return EngineInfo("m", "http://127.0.0.1:1/v1", loopback=True, max_model_len=max_model_len)


def measured(tokens: int, limit: Any) -> Measurement:
    return Measurement(
        base_url="http://127.0.0.1:1/v1",
        model="m",
        served_model="m",
        engine="",
        measured_at="2026-01-01T00:00:00+00:00",
        counts_tokens=True,
        context=ContextLength(tokens=tokens, tried=2 * tokens, limit=limit, by_codes=True),
    )


@pytest.mark.parametrize(
    ("told", "seen", "limit", "known"),
    [
        (None, None, None, 0),
        (100_000, None, 100_000, 100_000),
        (100_000, measured(30_000, "lost"), 30_000, 30_000),
        (20_000, measured(30_000, "refused"), 20_000, 20_000),
        (None, measured(30_000, "cut"), 30_000, 30_000),
        # the measurement's own bound is none of the server's
        (None, measured(30_000, "max_tokens"), None, 30_000),
        (100_000, measured(30_000, "time"), 100_000, 100_000),
        # a model too weak to find a code tells nothing of its length
        (None, measured(0, "lost"), None, 0),
    ],
)
def test_the_shorter_of_what_is_told_and_measured_counts(
    told: int | None, seen: Measurement | None, limit: int | None, known: int
) -> None:
    reach = Reach.of(info(told), seen)
    assert (reach.limit, reach.known) == (limit, known)


def test_reply_evidence_and_turns_leave_the_rest_to_the_pack() -> None:
    room = Reach(limit=1_000_000).room(RESERVE)
    assert room is not None
    assert 970_000 < room < 1_000_000 - 2_000 - 12_000 - 6_000
    assert Reach(seen=1_000_000).room(RESERVE) is None
    assert Reach(seen=1_000_000).known_room(RESERVE) == room
    assert Reach().known_room(RESERVE) == 0
