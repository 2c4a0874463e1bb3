"""Ranks evidence for a question over an index. Knows nothing of how the index is stored."""
