"""Files for other programs: CSV, JSON, Parquet, WARC, WACZ, packages, citations."""
