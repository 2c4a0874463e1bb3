"""A snapshot as well-formed XML: the tree of folders, then each file's text as CDATA, equal to the file's.

XML 1.0 cannot hold most control characters. Those are replaced by their pictures, such as ␌ for a form feed, and the
file's attribute `replaced` says how many.
"""

import re
from html import escape
from typing import BinaryIO

from .openings import XML_OPENING
from .plain import directory_tree, plain_path
from .types import Export, ExportFile

__all__ = ["write_xml"]

# https://www.w3.org/TR/xml/#charsets
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xml(export: Export, out: BinaryIO) -> None:
    """Writes the document, a file at a time."""
    out.write(XML_OPENING)
    revision = f' revision="{_attribute(export.revision)}"' if export.revision else ""
    out.write(f'<repository name="{_attribute(export.name)}"{revision}>\n'.encode())
    for reason, count in export.left_out.items():
        out.write(f'<left_out reason="{_attribute(reason)}" files="{count}"/>\n'.encode())
    out.write(b"<directory_structure>\n")
    for line in directory_tree(export.paths):
        out.write(f"{escape(_holdable(line)[0], quote=False)}\n".encode())
    out.write(b"</directory_structure>\n<files>\n")
    for file in export.files:
        out.write(_element(file).encode())
    out.write(b"</files>\n</repository>\n")


def _element(file: ExportFile) -> str:
    text, num_replaced = _holdable(file.text)
    replaced = f' replaced="{num_replaced}"' if num_replaced else ""
    return f'<file path="{_attribute(file.path)}"{replaced}>{_cdata(text)}</file>\n'


def _attribute(text: str) -> str:
    return escape(_holdable(plain_path(text))[0])


def _cdata(text: str) -> str:
    if not text:
        return ""
    # a parser would turn a bare carriage return into a newline, and only outside of CDATA can it be written otherwise
    inner = text.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<![CDATA[{inner}]]>"


def _holdable(text: str) -> tuple[str, int]:
    """The text as XML can hold it, and how many characters were replaced."""
    return _NOT_IN_XML.subn(lambda found: _picture(ord(found[0])), text)


def _picture(code: int) -> str:
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
