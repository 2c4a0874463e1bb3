"""Sessions: questions that belong together, kept on disk with their answers."""
