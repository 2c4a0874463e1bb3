"""A pack or a snapshot as a file that other tools read: a module each format, all of them written as they come.

Knows nothing of how a pack is made, of tokenizers, or of what a file may be overwritten.
"""
