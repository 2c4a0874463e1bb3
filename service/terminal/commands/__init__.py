"""The tree of commands: a module each, imported only when it is called.

Holds names and one line of help, so that `repoask --help` imports nothing else. Knows nothing of what a command does.
"""

from collections.abc import Mapping

__all__ = ["COMMANDS", "PLANNED"]

COMMANDS: Mapping[str, str] = {
    "ask": "Answer a question about a repository, with checked citations.",
    "search": "List the places that may answer a question, for scripts and agents.",
    "pack": "Pack a whole repository into one prompt, as text or token ids, stable across commits.",
    "plan": "Plan what it takes to serve a model for a repository: GPUs, time, money, the command.",
    "session": "Keep questions that belong together: begin, warm, list, show, fork, export and remove sessions.",
    "doctor": "Measure a model's server: how much it reads, whether it caches, obeys a schema, how fast it is.",
    "model": "Fetch models, list them, and serve one on this machine by vLLM.",
    "source": "List, inspect, update and remove what repoask keeps of repositories.",
    "config": "Show the settings and where each comes from; trust a project's file.",
}
"""Each is a module of this folder that holds `command`."""

PLANNED = ("review", "batch", "summarize", "serve", "mcp")
"""Names that are kept, so that no folder of that name is asked today and means a command tomorrow."""
