"""Numbers as people write them."""

import click
import pytest
from repoask.service.terminal.amounts import read_count


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("200k", 200_000),
        ("1M", 1_000_000),
        ("1.5m", 1_500_000),
        ("10 K", 10_000),
        ("128000", 128_000),
        ("1,000,000", 1_000_000),
        ("1_000", 1_000),
        ("0.5k", 500),
        ("2G", 2_000_000_000),
    ],
)
def test_a_count_is_read_with_its_unit(written: str, count: int) -> None:
    assert read_count(written) == count


@pytest.mark.parametrize("written", ["", "0", "-5", "k", "1e9", "ten", "1,00", "5 MB", "nan", "1" * 400])
def test_what_is_no_number_over_0_is_told_with_an_example(written: str) -> None:
    with pytest.raises(click.BadParameter, match=r"200k or 1\.5M"):
        read_count(written)
