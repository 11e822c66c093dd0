"""Compare two contents of a page: which fields differ, and by which words."""
