"""What of a question's budget fits into a measured context."""

from typing import Any

import pytest
from repoask.service.doctor.budget import Budget, fit_budget
from repoask.service.doctor.measurement import ContextLength, ContextLimit, Measurement

WANTED = Budget(evidence_tokens=12_000, max_tokens=2_048)


def measurement(tokens: int, limit: ContextLimit = "cut") -> Measurement:
    length = ContextLength(tokens=tokens, tried=2 * tokens, limit=limit, by_codes=True)
    facts: dict[str, Any] = {"base_url": "u", "model": "m", "served_model": "m", "engine": "", "measured_at": "2026"}
    return Measurement(**facts, counts_tokens=True, context=length)


@pytest.mark.parametrize("tokens", [2_200, 4_096, 8_000, 16_000])
def test_evidence_and_reply_fit_together_into_a_context_that_is_limited(tokens: int) -> None:
    fitted = fit_budget(WANTED, measurement(tokens))
    assert fitted.evidence_tokens + fitted.max_tokens < tokens
    assert 0 < fitted.evidence_tokens <= 12_000
    assert 0 < fitted.max_tokens <= 2_048


def test_a_context_of_4096_leaves_half_of_it_for_evidence() -> None:
    assert fit_budget(WANTED, measurement(4_096)) == Budget(evidence_tokens=1_757, max_tokens=1_024)


def test_the_model_is_given_something_even_where_it_found_little() -> None:
    assert fit_budget(WANTED, measurement(1_024, "lost")) == Budget(evidence_tokens=512, max_tokens=256)


def test_a_long_context_changes_nothing() -> None:
    assert fit_budget(WANTED, measurement(131_072)) == WANTED


@pytest.mark.parametrize("limit", ["max_tokens", "time", "busy"])
def test_where_no_limit_was_met_nothing_is_bounded(limit: ContextLimit) -> None:
    assert fit_budget(WANTED, measurement(4_096, limit)) == WANTED


def test_a_context_that_was_not_measured_bounds_nothing() -> None:
    assert fit_budget(WANTED, measurement(0)) == WANTED
