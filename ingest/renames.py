"""Which files were renamed between two commits, as git finds it. Asks about commits alone, never the work tree."""

from collections.abc import Mapping

from ..errors import SourceError
from .listing import decode_path, git_for
from .types import Source

__all__ = ["renames_between"]

# files on a side that are compared for likeness; those that are the same are found however many there are
_MOST_COMPARED = 1_000


def renames_between(source: Source, old: str, new: str) -> Mapping[str, str]:
    """Old path -> new path; both commits as full ids. Empty where git has not, or no longer, one of them."""
    if source.git_dir is None:
        return {}
    options = ("-r", "-z", "--name-status", "-M", f"-l{_MOST_COMPARED}", "--diff-filter=R", "--no-ext-diff")
    try:
        output = git_for(source).run("diff-tree", *options, "--no-textconv", "--no-relative", "-O/dev/null", old, new)
    except SourceError:
        return {}
    fields = [decode_path(field) for field in output.split(b"\0")]
    # three a rename: R and the likeness, the old path, the new one
    return dict(zip(fields[1::3], fields[2::3], strict=False))
