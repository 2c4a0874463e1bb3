"""Reads repositories and documents: what is in, what is left out and why, as text with symbols.

Knows nothing of indexes, models or terminals.
"""
