"""From a request to a capture. Knows HTTP and nothing of the archive."""
