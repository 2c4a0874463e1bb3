"""Says what a question cost and what the cache saved, from a dated table. An unknown price is none, never zero.

Knows nothing of servers but their address and their model's name.
"""

from urllib.parse import urlsplit

from .answer import CostReceipt, TokensReceipt
from .planning.prices import HostedPrice, Prices

__all__ = ["cost_receipt"]

_DIGITS = 9


def cost_receipt(tokens: TokensReceipt, *, base_url: str, models: tuple[str, ...], prices: Prices) -> CostReceipt:
    """What these tokens cost.

    Args:
        tokens: Of all requests.
        base_url: Of the model's server.
        models: Its names: as it was asked for, as the server reports it.
        prices: The table.
    """
    url = urlsplit(base_url)
    price = prices.of_endpoint(url.hostname or "", url.port, *filter(None, models))
    if price is None:
        return CostReceipt(dollars=None, saved=None, assumes="the table of prices does not name this server and model")
    saved = 0.0 if not tokens.cached else _saved(tokens.cached, price)
    dollars = price.dollars(input_tokens=tokens.prompt, output_tokens=tokens.completion) - (saved or 0.0)
    return CostReceipt(
        dollars=round(dollars, _DIGITS),
        saved=None if saved is None else round(saved, _DIGITS),
        provider=price.provider,
        date=price.date,
        source=price.source,
        assumes="; ".join(_assumed(tokens, price)),
    )


def _saved(cached: int, price: HostedPrice) -> float | None:
    if price.cached_input_per_million is None:
        return None
    return cached * (price.input_per_million - price.cached_input_per_million) / 1e6


def _assumed(tokens: TokensReceipt, price: HostedPrice) -> list[str]:
    found = [f"list prices of {price.date}"]
    if tokens.cached and price.cached_input_per_million is None:
        found.append("cached tokens at the full price, as the table has no other")
    elif tokens.cached:
        found.append("every token that the server calls cached at the table's price of cached ones")
    if tokens.estimated:
        found.append("tokens are an estimate")
    return found
