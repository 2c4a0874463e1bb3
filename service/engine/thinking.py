"""Takes a reasoning model's thoughts out of its reply: `<think>...</think>` at the very start. Knows nothing else."""

__all__ = ["ThoughtFilter"]

_OPEN = "<think>"
_CLOSE = "</think>"


class ThoughtFilter:
    """Fed piece by piece; gives what is not thought."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, text: str) -> str:
        """What of the reply so far can be shown and was not shown before."""
        if self._state == "answer":
            return text
        if self._state == "blank":
            return self._skip_blank(text)
        self._held += text
        if self._state == "start":
            begun = self._held.lstrip()
            if begun.startswith(_OPEN):
                self._state = "thinking"
            elif not _OPEN.startswith(begun):
                return self._release(self._held)
        if self._state == "thinking" and _CLOSE in self._held:
            return self._skip_blank(self._held.partition(_CLOSE)[2])
        return ""

    def finish(self) -> str:
        """What was held back and is no thought after all. A thought that never ended is dropped."""
        return self._held if self._state == "start" else ""

    def _skip_blank(self, text: str) -> str:
        """Between a thought and the answer stand empty lines, maybe in pieces of their own."""
        self._state = "blank"
        text = text.lstrip()
        return self._release(text) if text else ""

    def _release(self, text: str) -> str:
        self._state = "answer"
        self._held = ""
        return text
