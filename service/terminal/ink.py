"""The looks of an answer: plain for files and pipes, coloured for a terminal.

Each method takes text that is already clean and gives text that may be written as it is. rich and pygments are imported
by the coloured one alone, since a pipe needs neither. Knows nothing of answers.
"""

from typing import Protocol

__all__ = ["Ink", "PlainInk", "TerminalInk", "choose_ink"]


class Ink(Protocol):
    """Gives looks to pieces of text."""

    def place(self, text: str) -> str:
        """A path, with or without lines."""
        ...

    def dim(self, text: str) -> str:
        """What is beside the point."""
        ...

    def warning(self, text: str) -> str:
        """What must not be overlooked."""
        ...

    def code(self, text: str, *, language: str) -> list[str]:
        """The lines of code, one for each of the text's."""
        ...


class PlainInk:
    """Text as it is."""

    def place(self, text: str) -> str:
        """A path, unchanged."""
        return text

    def dim(self, text: str) -> str:
        """Unchanged."""
        return text

    def warning(self, text: str) -> str:
        """Unchanged."""
        return text

    def code(self, text: str, *, language: str) -> list[str]:
        """The lines, unchanged."""
        return text.split("\n")


class TerminalInk:
    """Colours by rich, which honours NO_COLOR and what the terminal can show."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, soft_wrap=True)

    def place(self, text: str) -> str:
        """A path, bold."""
        return self._styled(text, "bold cyan")

    def dim(self, text: str) -> str:
        """Fainter."""
        return self._styled(text, "dim")

    def warning(self, text: str) -> str:
        """Yellow."""
        return self._styled(text, "yellow")

    def code(self, text: str, *, language: str) -> list[str]:
        """The lines, coloured by their syntax where pygments knows the language."""
        from rich.syntax import Syntax

        # the terminal's own 16 colours, so that it is legible on a light and on a dark ground
        syntax = Syntax(text, _LEXERS.get(language, language or "text"), theme="ansi_dark")
        lines = self._render(syntax.highlight(text)).split("\n")
        return lines[: text.count("\n") + 1]

    def _styled(self, text: str, style: str) -> str:
        from rich.text import Text

        return self._render(Text(text, style=style))

    def _render(self, text: object) -> str:
        with self._console.capture() as capture:
            self._console.print(text, end="")
        return capture.get()


# tree-sitter's names that pygments knows by others
_LEXERS = {
    "svelte": "html",
    "heex": "html",
    "embeddedtemplate": "erb",
    "ocaml_interface": "ocaml",
    "notebook": "python",
}


def choose_ink(*, coloured: bool) -> Ink:
    """The ink for stdout."""
    return TerminalInk() if coloured else PlainInk()
