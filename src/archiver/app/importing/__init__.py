"""Import captures from WARC, ARC and WACZ files, and check such files."""
