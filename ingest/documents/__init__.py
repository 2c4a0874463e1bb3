"""Document formats: one reader a format, each to text with positions. Knows nothing of git."""
