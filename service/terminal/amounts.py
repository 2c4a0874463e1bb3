"""Reads numbers as people write them on a command line: 200k, 1.5M, 1,000,000. Knows nothing of what they count."""

import re

import click

__all__ = ["read_count"]

_WRITTEN = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([kmg]?)", re.IGNORECASE)
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def read_count(written: str) -> int:
    """The type of an option that takes a whole number over 0."""
    found = _WRITTEN.fullmatch(re.sub(r"(?<=\d)[,_](?=\d{3})", "", written).strip())
    count = round(float(found[1]) * _SCALES[found[2].lower()]) if found else 0
    if count < 1:
        raise click.BadParameter(f"{written!r} is no number over 0; write it as 200000, 200k or 1.5M")
    return count
