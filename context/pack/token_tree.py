"""Adds up the tokens of files by folder. Knows nothing of how the sums are shown."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["TokenTree", "token_tree"]


@dataclass(frozen=True, slots=True)
class TokenTree:
    """A file, or a folder and what is in it.

    Attributes:
        name: Relative to the folder above; a folder that holds one folder alone is one with it, as `src/app`.
        path: Relative to the source's root.
        tokens: Of the file, or of everything in the folder.
        files: How many there are; 1 for a file.
        children: The largest first; equals by name. Empty for a file.
    """

    name: str
    path: str
    tokens: int
    files: int = 1
    children: tuple["TokenTree", ...] = ()


def token_tree(files: Iterable[tuple[str, int]], *, name: str) -> TokenTree:
    """The tree of (path, tokens); its root is called `name` and has the path ""."""
    children: dict[str, list[TokenTree]] = {"": []}
    for path, tokens in files:
        folder, _, last = path.rpartition("/")
        children.setdefault(folder, []).append(TokenTree(last, path, tokens))
        while folder and (folder := folder.rpartition("/")[0]) not in children:
            children[folder] = []
    # the deepest first; no recursion, for git's own trees may be thousands of folders deep
    for path in sorted(children, key=lambda path: -path.count("/")):
        if path:
            above, _, last = path.rpartition("/")
            children[above].append(_joined(_folder(last, path, children.pop(path))))
    return _folder(name, "", children[""])


def _folder(name: str, path: str, children: list[TokenTree]) -> TokenTree:
    children.sort(key=lambda child: (-child.tokens, child.name))
    tokens, files = sum(child.tokens for child in children), sum(child.files for child in children)
    return TokenTree(name, path, tokens, files, tuple(children))


def _joined(folder: TokenTree) -> TokenTree:
    """A folder that holds nothing but a folder, as one with it."""
    only = folder.children[0] if len(folder.children) == 1 else None
    if only is None or not only.children:
        return folder
    return TokenTree(f"{folder.name}/{only.name}", only.path, only.tokens, only.files, only.children)
