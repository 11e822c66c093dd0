"""Turn a request into a capture. This package knows HTTP and WARC, but not the archive."""
