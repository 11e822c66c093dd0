"""Frozen types without I/O that every package shares."""
