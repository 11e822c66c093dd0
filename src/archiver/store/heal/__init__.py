"""Mending an archive, from its own second copies or from a copy of it."""
