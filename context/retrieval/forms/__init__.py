"""Questions that hand over a place or a string rather than words: traces, diffs, files, literals, patterns."""
