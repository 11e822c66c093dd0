"""Erases the bytes of redacted captures from the files of an archive."""
