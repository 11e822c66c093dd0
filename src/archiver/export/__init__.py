"""Streams of values to files that other programs read; knows nothing of an archive."""
