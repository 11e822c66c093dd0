"""A portal that lives on this machine, for the demo and for tests. Knows nothing of the archive."""
