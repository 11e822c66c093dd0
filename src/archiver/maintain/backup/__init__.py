"""Copies of an archive that may be in use."""
