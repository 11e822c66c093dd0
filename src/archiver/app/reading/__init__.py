"""What the archive holds, as values for a caller: pages, versions, search, statistics."""
