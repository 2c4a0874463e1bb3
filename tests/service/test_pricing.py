"""What a question cost: only what the table says, and what the figure takes for granted."""

from dataclasses import replace
from typing import Any

import pytest
from repoask.service.answer import CostReceipt, TokensReceipt
from repoask.service.planning.prices import HostedPrice, Prices
from repoask.service.pricing import cost_receipt

PRICE = HostedPrice(
    provider="Mine",
    model="scout",
    input_per_million=2.0,
    output_per_million=10.0,
    hosts=("api.example.org",),
    names=("llama",),
    date="2026-11",
    source="a quote",
)
TOKENS = TokensReceipt(prompt=1_000_000, cached=500_000, completion=100_000)


def _cost(tokens: TokensReceipt = TOKENS, *, url: str = "https://api.example.org/v1", **price: Any) -> CostReceipt:
    table = Prices((PRICE.model_copy(update=price),), ())
    return cost_receipt(tokens, base_url=url, models=("llama", ""), prices=table)


def test_cached_tokens_cost_what_the_table_says() -> None:
    cost = _cost(cached_input_per_million=0.5)
    assert (cost.dollars, cost.saved) == (1.0 + 0.25 + 1.0, 0.75)
    assert (cost.provider, cost.date, cost.source) == ("Mine", "2026-11", "a quote")
    assert "cached" in cost.assumes


def test_no_discount_is_claimed_that_the_table_does_not_name() -> None:
    cost = _cost()
    assert (cost.dollars, cost.saved) == (3.0, None)
    assert "full price" in cost.assumes


def test_nothing_cached_saves_nothing() -> None:
    cost = _cost(replace(TOKENS, cached=0))
    assert (cost.dollars, cost.saved) == (3.0, 0.0)
    assert "cached" not in cost.assumes


def test_an_estimate_is_called_one() -> None:
    assert "estimate" in _cost(replace(TOKENS, estimated=True)).assumes


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/v1", "https://api.example.org.evil.example/v1", "http://[::1]/v1"]
)
def test_what_the_table_does_not_name_has_no_price_and_no_zero(url: str) -> None:
    cost = _cost(url=url)
    assert (cost.dollars, cost.saved, cost.provider) == (None, None, "")
    assert cost.assumes
