"""Web-archive files read back: WARC 1.0 and 1.1, ARC, and WACZ; every fault told with its place."""
