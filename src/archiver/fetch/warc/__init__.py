"""Read web-archive files: WARC 1.0 and 1.1, ARC, and WACZ. Every fault is reported with its place."""
