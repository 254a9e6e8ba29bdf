"""Everything that people read, by code and language."""
