"""Read the archive: pages, versions, search results and statistics as Python values."""
