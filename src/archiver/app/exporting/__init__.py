"""Export files for other programs: CSV, JSON, Parquet, WARC, WACZ, packages, citations."""
