"""Fixity and pruning of one archive."""
