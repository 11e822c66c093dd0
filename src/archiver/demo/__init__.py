"""A local portal for the demo and for tests. Nothing here knows the archive."""
