"""A text file whose lines are in order, of which a question reads its own alone. Knows nothing of what they say."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

__all__ = ["SortedLines"]


class SortedLines:
    """Lines of ASCII in the order of their bytes, each ended; to take 40,000 of them apart would cost 100 ms."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def data(self) -> bytes:
        """The whole file; read once."""
        return self._path.read_bytes()

    def beginning_with(self, prefix: str) -> Iterator[str]:
        """The lines that begin so, in order."""
        sought, data = prefix.encode("utf-8", "surrogatepass"), self.data

        def beginning(at: int) -> bytes:
            start = data.rfind(b"\n", 0, at) + 1
            return data[start : start + len(sought)]

        start = bisect_left(range(len(data)), sought, key=beginning)
        while start < len(data) and data.startswith(sought, start):
            end = data.index(b"\n", start)
            yield data[start:end].decode("ascii")
            start = end + 1
