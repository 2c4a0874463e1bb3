"""Files that are there whole or not at all: mapped arrays and replacement. Knows nothing of what they hold."""
