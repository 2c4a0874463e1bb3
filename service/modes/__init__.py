"""What a model is given to answer from: the places that retrieval found, or the whole snapshot as a pack."""
