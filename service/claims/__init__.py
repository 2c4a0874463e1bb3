"""A model's answer as claims with their citations: the schema, reading it as it streams, checking it, its rendering."""
