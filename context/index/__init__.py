"""The content-addressed index: LanceDB as the store, a memory-mapped image for questions. Knows nothing of ranking."""
