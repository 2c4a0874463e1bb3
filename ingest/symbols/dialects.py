"""Fits a text to the grammars that there are: C++ in a `.h`, zsh and macros that no grammar knows. Parses nothing.

What a grammar does not know is overwritten by as many bytes of filler before it is parsed, so that one odd token does
not cost the definitions around it. Names and lines are read from the text as it is.
"""

import re
from dataclasses import dataclass

__all__ = ["dialect_of", "mend"]


@dataclass(frozen=True, slots=True)
class _Mend:
    """What a grammar does not know (a pattern's match, or its group if it has one), and the byte that overwrites it.

    `tail` stands in the last bytes. A pattern that begins with a line end is found ten times as fast as one with `^`.
    """

    pattern: re.Pattern[bytes]
    filler: bytes
    tail: bytes = b""

    def apply(self, data: bytes) -> bytes:
        return self.pattern.sub(self._fill, data)

    def _fill(self, match: re.Match[bytes]) -> bytes:
        start, end = match.span(match.re.groups)
        return match[0][: start - match.start()] + self.filler * (end - start - len(self.tail)) + self.tail


# A line that only C++ has. Comments that start their lines with " * " do not look like it.
_CPP = re.compile(
    rb"\n[ \t]*(?:template[ \t]*<|namespace[ \t]+\w+(?:::\w+)*[ \t]*\{?\n|using[ \t]+(?:namespace\b|\w+[ \t]*=)"
    rb"|(?:public|private|protected):|class[ \t]+(?:\w+[ \t]+)*\w+[ \t]*[:{\n])"
)

# `FMT_BEGIN_NAMESPACE` alone on its line, and `LUAI_FUNC` before what `int f(` or `const` goes on to declare. A type in
# capitals above `f(` is left, as it may be K&R's way to write the type that is returned.
_MACROS: tuple[_Mend, ...] = (
    _Mend(re.compile(rb"\n([A-Z][A-Z0-9]*_[A-Z0-9_]*)(?=\n)(?!\s+\w+[ \t]*\()"), b" "),
    _Mend(
        re.compile(
            rb"\n([ \t]*(?:(?:extern|inline|static)[ \t]+)?[A-Z][A-Z0-9_]{3,}[ \t]+)"
            rb"(?=(?:const|constexpr|static|inline|unsigned|struct|auto|template|void|int|bool|char)\b"
            rb"|[\w:]{1,60}(?:[ \t]+[*&]*|[*&]+[ \t]*)[\w:]{1,60}[ \t]?\()"
        ),
        b" ",
    ),
)
_CLASS_MACRO = _Mend(
    re.compile(rb"\n(?:class|struct) ([A-Z][A-Z0-9_]{3,})(?=[ \t]+\w+[ \t]*(?:final[ \t]*)?[:{])"), b" "
)

# `FMT_CONSTEXPR` and its like may stand anywhere in a head, before a constructor too, but are left in their `#define`.
_HEAD_MACRO = _Mend(
    re.compile(
        rb"(?<!define)[ \t\n>]([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*"
        rb"_(?:API|CONSTEXPR\d*|DEPRECATED|EXPORT|INLINE|NODISCARD|NORETURN)_?)(?=[ \t]+[\w~])"
    ),
    b" ",
)

_MENDS: dict[str, tuple[_Mend, ...]] = {
    "bash": (  # zsh: `$+commands[x]`, `${(f)x}`, `${x:h}`, `*(N)`, `=(command)`, `&|`, `{ x }`, `() {`
        _Mend(re.compile(rb"\$\{?(\+)(?=\w)"), b"_"),
        _Mend(re.compile(rb"\$\{(\([^()\n]{0,18}[^()\n]\))(?=[\w\"$])"), b"_", b":-"),
        _Mend(re.compile(rb"\$\{\w+((?::[a-zA-Z])+)(?=\})"), b"_"),
        _Mend(re.compile(rb"\*(\([\w.:/@^-]{1,12}\))(?=[\s;)\]])"), b"_"),
        _Mend(re.compile(rb" (=)(?=\()"), b"<"),
        _Mend(re.compile(rb"&([|!])(?=\s)"), b" "),
        _Mend(re.compile(rb"\{ (?:[^\n{}]|\$\{[^\n{}]*\})*[^\s;&{}]( )(?=\}[ \t]*\n)"), b";"),
        _Mend(re.compile(rb"\n((?:function)?[ \t]*(?:\(\))?)(?=[ \t]*\{)"), b" "),
    ),
    "c": _MACROS,
    "cpp": (*_MACROS, _CLASS_MACRO, _HEAD_MACRO),
    "sql": (  # psql's commands, and operators of extensions
        _Mend(re.compile(rb"^\\\w", re.MULTILINE), b"-"),
        _Mend(re.compile(rb"<[-#=+~%](?=>)"), b" "),
    ),
}


def dialect_of(data: bytes, language: str) -> str:
    """The grammar to use: what is called C is C++ where it looks like it."""
    return "cpp" if language == "c" and _CPP.search(data) else language


def mend(data: bytes, language: str) -> bytes:
    """The text with what the grammar does not know overwritten; as long, with its line ends where they were."""
    for known in _MENDS.get(language, ()):
        data = known.apply(data)
    return data
