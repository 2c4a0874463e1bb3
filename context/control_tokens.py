"""Keeps what stands in files from being read as a model's control tokens. Knows no prompt and no model."""

import re

__all__ = ["harmless"]

# `<|eot_id|>`, `<s>`, `[INST]`, `<start_of_turn>`, ...: a chat template may read these as control tokens
_CONTROL_TOKEN = re.compile(
    r"<(?=[|\uff5c][^<>\n]{1,64}[|\uff5c]>)|<(?=/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn)>)|\[(?=/?INST\])"
)


def harmless(line: str) -> str:
    """The line with a blank inside whatever a chat template could read as a control token; again, it is the same."""
    return _CONTROL_TOKEN.sub(lambda match: f"{match[0]} ", line)
