"""Turns a snapshot into what a question needs: an index, ranked evidence, checked citations.

Knows nothing of models or terminals.
"""
