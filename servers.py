"""The models' servers that have a name: `base_url` may be `ollama` or `groq` instead of a URL. Connects to nothing."""

import re
from collections.abc import Mapping

__all__ = ["SERVERS", "short_name", "url_of"]

SERVERS: Mapping[str, str] = {
    # Ollama's own protocol: its /v1 cuts a prompt over 4,096 tokens without a word and cannot be told otherwise
    "ollama": "http://127.0.0.1:11434/api",
    "lmstudio": "http://127.0.0.1:1234/v1",
    "llamacpp": "http://127.0.0.1:8080/v1",
    "vllm": "http://127.0.0.1:8000/v1",
    "together": "https://api.together.xyz/v1",
    "fireworks": "https://api.fireworks.ai/inference/v1",
    "groq": "https://api.groq.com/openai/v1",
}
"""Each by its name. Bedrock has a server a region and is named with it: `bedrock:us-west-2`."""

_BEDROCK = "bedrock"
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}")


def url_of(value: str) -> str:
    """The URL that a name stands for; whatever is no name as it is.

    Raises:
        ValueError: Bedrock's name without a region.
    """
    name, colon, region = value.strip().partition(":")
    if name == _BEDROCK:
        if not colon or not _REGION.fullmatch(region):
            raise ValueError("names no region; write it as bedrock:us-west-2")
        return f"https://bedrock-runtime.{region}.amazonaws.com/openai/v1"
    return SERVERS.get(value.strip(), value)


def short_name(url: str) -> str:
    """The name of a URL, where it has one; else the URL."""
    return next((name for name, known in SERVERS.items() if known == url), url)
