"""Makes up prompts of any length that hold three codes to be found: at the start, in the middle and at the end.

The text is words at random from a short list, the same for the same seed. Knows nothing of servers.
"""

import random
from dataclasses import dataclass

from ..engine.protocol import Message, Prompt

__all__ = ["FIRST_GUESS_CHARS_PER_TOKEN", "Haystack", "make_haystack"]

# of this text with the tokenizers of Llama 3, Qwen 3 and gpt-oss; Llama 2 has 5.3. It is the most, so that a server
# which does not count is not said to hold more than it does; the first reply that counts corrects it
FIRST_GUESS_CHARS_PER_TOKEN = 6.3

_WORDS = (
    "river", "window", "garden", "market", "silver", "travel", "letter", "bridge", "summer", "winter", "forest",
    "village", "simple", "paper", "morning", "evening", "doctor", "teacher", "music", "color", "number",
    "island", "mountain", "kitchen", "table", "chair", "yellow", "green", "purple", "orange", "basket",
    "bottle", "candle", "castle", "cloud", "coffee", "corner", "cotton", "country", "dinner", "doll", "engine",
    "family", "farmer", "feather", "finger", "flower", "friend", "guitar", "hammer", "harbor", "honey", "hotel",
    "jacket", "juice", "ladder", "lemon", "library", "machine", "metal", "mirror", "mother", "nature", "needle",
    "ocean", "office", "painter", "pencil", "people", "pepper", "piano", "picture", "planet", "pocket",
    "potato", "rabbit", "record", "ribbon", "rocket", "sailor", "school", "season", "secret", "shadow",
    "shoulder", "singer", "sister", "spring", "square", "station", "stone", "story", "street", "student",
    "sugar", "sunday", "temple", "thunder", "ticket", "tiger", "tower", "train", "tunnel", "uncle", "valley",
    "vessel", "visitor", "water", "weather", "wheel", "wisdom", "wonder", "worker", "writer",
)  # fmt: skip
_WORDS_PER_LINE = 12
_NAMES = ("Alder", "Birch", "Cedar")
_QUESTION = (
    "Above are notes. What are the codes of the gates Alder, Birch and Cedar? "
    "Reply with the three numbers, separated by blanks, and nothing else."
)


@dataclass(frozen=True, slots=True)
class Haystack:
    """A prompt and what a reply must hold.

    Attributes:
        prompt: The text and the question.
        codes: Six digits each.
        num_chars: Of the prompt.
    """

    prompt: Prompt
    codes: tuple[str, ...]
    num_chars: int

    def has_all(self, reply: str) -> bool:
        """Whether all codes are in a reply."""
        plain = reply.replace(",", "")
        return all(code in plain for code in self.codes)


def make_haystack(num_chars: int, *, seed: int) -> Haystack:
    """A prompt of about so many characters.

    Args:
        num_chars: With the question.
        seed: Another one gives another text from the first line on, so that nothing of it can be cached.
    """
    random_numbers = random.Random(seed)  # noqa: S311 - no secret
    codes = tuple(str(random_numbers.randrange(100_000, 1_000_000)) for _ in _NAMES)
    needles = [f"The code of the gate {name} is {code}." for name, code in zip(_NAMES, codes, strict=True)]
    lines: list[str] = []
    left = num_chars - len(_QUESTION) - sum(map(len, needles)) - 64
    while left > 0:
        lines.append(" ".join(random_numbers.choices(_WORDS, k=_WORDS_PER_LINE)) + ".")
        left -= len(lines[-1]) + 1
    middle = len(lines) // 2
    parts = [
        f"Notes, part {seed}.",
        needles[0],
        *lines[:middle],
        needles[1],
        *lines[middle:],
        needles[2],
        "",
        _QUESTION,
    ]
    text = "\n".join(parts)
    return Haystack(Prompt(messages=(Message("user", text),)), codes, len(text))
