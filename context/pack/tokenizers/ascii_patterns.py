r"""Turns the pattern that splits a text into one of Python's own, for ASCII texts alone.

There every class of Unicode is a few characters, so that no table of Unicode and no other library is needed.
"""

import re

__all__ = ["ascii_pattern"]

_CLASSES = {
    "L": "A-Za-z",
    "Lu": "A-Z",
    "Ll": "a-z",
    "Lt": "",
    "Lm": "",
    "Lo": "",
    "M": "",
    "N": "0-9",
    "P": r"!\"#%&'()*,\-./:;?@\[\\\]_{}",
    "S": r"$+<=>\^`|~",
}
_BLANKS = r" \t\n\x0b\x0c\r"
_PART = re.compile(r"\\p\{(?P<kind>\w+)\}|\\(?P<escape>.)|(?P<sign>&&|\(\?[^:i!=]|.)", re.DOTALL)


def ascii_pattern(pattern: str) -> str | None:
    """A pattern that splits every ASCII text as this one does; None where it holds something that is not known."""
    made: list[str] = []
    in_class = False
    for part in _PART.finditer(pattern):
        sign = part["sign"]
        if sign is None:
            translated = _translated(part, in_class=in_class)
            if translated is None:
                return None
            made.append(translated)
            continue
        # classes in classes, their intersections and all that a group may be told but case and looking ahead
        if len(sign) > 1 or (sign == "[" and in_class):
            return None
        in_class = sign == "[" or (in_class and sign != "]")
        made.append(sign)
    try:
        return re.compile("".join(made)).pattern
    except re.error:
        return None


def _translated(part: re.Match[str], *, in_class: bool) -> str | None:
    escape = part["escape"]
    if escape == "S":
        return None if in_class else f"[^{_BLANKS}]"
    if escape is not None and escape != "s":
        return part.group() if escape in "rntfv" or not escape.isalnum() else None
    characters = _BLANKS if escape else _CLASSES.get(part["kind"])
    if characters is None or in_class:
        return characters
    return f"[{characters}]" if characters else None
