"""Draws where the tokens go: a treemap as one static SVG, without scripts, fonts or anything else from outside.

Within a folder each area is its share. Names come from a repository that is not trusted: they are escaped, and what a
reader cannot see in them is shown. Files too small to be seen are drawn together, so that the picture of 100,000 files
is no larger than that of 2,000. Knows nothing of tokenizers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from .exports.openings import TREEMAP_OPENING
from .exports.plain import plain_path
from .squarified import Rectangle, squarified
from .token_tree import TokenTree

__all__ = ["treemap"]

_WIDTH, _HEIGHT, _TITLE = 1200, 800, 34
_STRIP, _MARGIN = 17.0, 2.0  # above and around what is in a folder
_LEAST_AREA = 60.0  # of a file that is drawn by itself: what a pointer can still hit
_LETTER = 7.0  # the mean width of a letter of 12 pixels in the wider sans-serif fonts
_LABEL_HEIGHT = 14.0
_LEAST_LABEL = 4  # letters; fewer tell nothing
_NUM_TOLD = 5  # folders and files that the description names

# Light enough for black letters (a contrast over 9), and told apart also by those who confuse red and green: the
# colours of Okabe and Ito, halfway to white.
_COLOURS = ("#9fcbe6", "#f2cf80", "#80cfb9", "#e6bcd3", "#aad9f4", "#eaaf80", "#f7f1a0", "#c8c8c8")
_STYLE = f"""<style>
text {{ font: 12px system-ui, sans-serif; fill: #111; pointer-events: none; white-space: pre }}
.title {{ font-size: 17px; font-weight: 600 }}
.folder {{ font-weight: 600 }}
rect {{ stroke: #fff; stroke-width: 1 }}
.ground {{ fill: #fff }}
.f {{ fill-opacity: .45 }}
{" ".join(f".c{number} {{ fill: {colour} }}" for number, colour in enumerate(_COLOURS))}
</style>
"""


def treemap(tree: TokenTree, *, exact: bool) -> str:
    """The SVG of a tree.

    Args:
        tree: What to draw; its name stands in the title.
        exact: False where the tokens are an estimate, which the title then says.
    """
    return "".join(_drawing(tree, "" if exact else "about "))


def _drawing(tree: TokenTree, about: str) -> Iterator[str]:
    title = f"{plain_path(tree.name)}: {about}{tree.tokens:,} tokens in {_num_files(tree)}"
    yield TREEMAP_OPENING.decode()
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
    yield f'aria-labelledby="title description">\n<title id="title">{escape(title)}</title>\n'
    yield f'<desc id="description">{escape(_description(tree, about))}</desc>\n{_STYLE}'
    yield f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}"/>\n'
    yield f'<text class="title" x="6" y="23">{escape(_shortened(title, 110))}</text>\n'
    within = Rectangle(0, _TITLE, _WIDTH, _HEIGHT - _TITLE)
    for number, (child, place) in enumerate(_placed(tree.children, within)):
        yield from _node(child, place, whole=tree.tokens, about=about, colour=f"c{number % len(_COLOURS)}")
    yield "</svg>\n"


def _description(tree: TokenTree, about: str) -> str:
    """The picture in words, for who does not see it."""
    largest = "; ".join(_told(child, tree.tokens, about) for child in tree.children[:_NUM_TOLD] if child.tokens)
    return f"A treemap: the area of each file is its share of the tokens. The largest: {largest or 'none'}."


def _node(node: TokenTree, place: Rectangle, *, whole: int, about: str, colour: str) -> Iterator[str]:
    label = _label(node, place, css=' class="folder"' if node.children else "")
    inner = place.inside(margin=_MARGIN, top=_STRIP if label else 0.0)
    is_open = bool(node.children) and inner.width * inner.height >= 2 * _LEAST_AREA and node.path != ""
    look = f"f {colour}" if is_open else colour
    yield f'<g><title>{escape(_told(node, whole, about))}</title><rect class="{look}" {_at(place)}/>'
    yield f"{label}</g>\n"
    if is_open:
        for child, inside in _placed(node.children, inner):
            yield from _node(child, inside, whole=whole, about=about, colour=colour)


def _placed(nodes: Sequence[TokenTree], within: Rectangle) -> Iterator[tuple[TokenTree, Rectangle]]:
    """Each node and its rectangle; those too small to be seen as one, and those without tokens not at all."""
    total = sum(node.tokens for node in nodes)
    if not total:
        return
    least = _LEAST_AREA / (within.width * within.height) * total
    shown = [node for node in nodes if node.tokens >= least]
    small = [node for node in nodes if 0 < node.tokens < least]
    if small:
        rest = TokenTree("", "", sum(node.tokens for node in small), sum(node.files for node in small))
        shown.append(replace(rest, name=f"{_num_files(rest)}, each too small to draw"))
        shown.sort(key=lambda node: -node.tokens)
    yield from zip(shown, squarified([node.tokens for node in shown], within), strict=True)


def _told(node: TokenTree, whole: int, about: str) -> str:
    name = plain_path(node.path or node.name)
    files = f" in {_num_files(node)}" if node.children else ""
    return f"{name}{'/' if node.children else ''}: {about}{node.tokens:,} tokens{files}, {node.tokens / whole:.1%}"


def _num_files(node: TokenTree) -> str:
    return f"{node.files:,} file{'' if node.files == 1 else 's'}"


def _label(node: TokenTree, place: Rectangle, *, css: str) -> str:
    room = int((place.width - 8) / _LETTER)
    if room < _LEAST_LABEL or place.height < _LABEL_HEIGHT:
        return ""
    name, amount = plain_path(node.name), f"  {_rounded(node.tokens)}"
    text = _shortened(name, room) if len(name) + len(amount) > room else name + amount
    return f'<text{css} x="{place.x + 4:.1f}" y="{place.y + 13:.1f}">{escape(text)}</text>'


def _rounded(tokens: int) -> str:
    """Three digits, as 1.23M or 45.6k."""
    for unit, scale in (("M", 1_000_000), ("k", 1_000)):
        if tokens >= scale:
            return f"{tokens / scale:.3g}{unit}" if tokens < 999.5 * scale else f"{round(tokens / scale):,}{unit}"
    return str(tokens)


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _at(place: Rectangle) -> str:
    return f'x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{place.height:.1f}"'
