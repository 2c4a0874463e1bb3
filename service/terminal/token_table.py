"""Tells in a few lines where the tokens of a pack go. Knows nothing of packs."""

from collections.abc import Iterator

from ...context.pack.token_tree import TokenTree
from .clean import clean_line

__all__ = ["render_token_table"]

_NUM_ROWS = 24


def render_token_table(tree: TokenTree, *, exact: bool, num_rows: int = _NUM_ROWS) -> str:
    """The folders and files that hold the most, each beneath its folder, with their tokens, share and files.

    Args:
        tree: Of the whole pack.
        exact: False where the tokens are an estimate, which the head of the table then says.
        num_rows: At most so many are told.
    """
    if not tree.tokens:
        return ""
    nodes = sorted(_walk(tree), key=lambda node: (-node.tokens, node.path))
    shown = {node.path for node in nodes[:num_rows]}
    rows = list(_rows(tree, shown, depth=0))
    head = "tokens" if exact else "about tokens"
    width = max(len(f"{tree.tokens:,}"), len(head))
    lines = [f"{head:>{width}}   share  files"]
    lines += [
        f"{node.tokens:>{width},}  {node.tokens / tree.tokens:>6.1%}  {node.files:>5,}  {'  ' * depth}{_name(node)}"
        for node, depth in rows
    ]
    return "".join(f"{line}\n" for line in lines)


def _walk(tree: TokenTree) -> Iterator[TokenTree]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


def _rows(node: TokenTree, shown: set[str], *, depth: int) -> Iterator[tuple[TokenTree, int]]:
    """The nodes that are shown; whatever is, its folder is, which holds no less."""
    if node.path in shown:
        yield node, depth
        for child in node.children:
            yield from _rows(child, shown, depth=depth + 1)


def _name(node: TokenTree) -> str:
    return clean_line(node.name) + "/" * bool(node.children and node.path)
