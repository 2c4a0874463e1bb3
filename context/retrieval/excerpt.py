"""Cuts the middle out of a long text: a pasted one tells most at its start and its end.

Knows nothing of what it means.
"""

__all__ = ["excerpt"]


def excerpt(text: str, *, characters: int) -> str:
    """At most so many characters and a line break: all of a text, or its start and its end, cut between lines."""
    if len(text) <= characters:
        return text
    half = characters // 2
    head, tail = text[:half], text[-half:]
    head = head[: head.rfind("\n") + 1] or head
    tail = tail[tail.find("\n") + 1 :] or tail
    return f"{head}\n{tail}"
