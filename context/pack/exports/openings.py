"""What the files of each form begin with, by which those that repoask wrote are known.

By itself, since every pack looks for earlier ones among the files, and the writers load much that few packs need.
"""

__all__ = ["JSON_OPENING", "MARKDOWN_OPENING", "TOKEN_IDS_OPENING", "TREEMAP_OPENING", "XML_OPENING"]

JSON_OPENING = b'{"packed_by": "repoask", '
MARKDOWN_OPENING = b"<!-- Packed by repoask. -->\n"
TOKEN_IDS_OPENING = b"\x93NUMPY"
TREEMAP_OPENING = b"<!-- Drawn by repoask. -->\n"
XML_OPENING = b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- Packed by repoask. -->\n'
