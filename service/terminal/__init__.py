"""The terminal face: click commands and rendering."""
