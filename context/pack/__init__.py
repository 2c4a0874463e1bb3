"""The packed context: a whole snapshot as one prompt that survives commits."""
