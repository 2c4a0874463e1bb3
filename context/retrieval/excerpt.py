"""Cuts the middle out of a long text: a pasted one tells most at its start and its end.

Knows nothing of what it means.
"""

__all__ = ["excerpt"]


def excerpt(text: str, *, characters: int) -> str:
    """At most so many characters and a line break: a text, or its start and its end, cut between lines or words."""
    if len(text) <= characters:
        return text
    half = characters // 2
    head, tail = text[:half], text[-half:]
    from_head, from_tail = (_between(part) for part in (head, tail))
    return f"{head[: head.rfind(from_head) + 1] or head}\n{tail[tail.find(from_tail) + 1 :] or tail}"


def _between(text: str) -> str:
    """What parts a text may be cut at: lines, where there are some, or else words."""
    return "\n" if "\n" in text else " "
