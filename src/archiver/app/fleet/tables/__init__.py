"""The tables of all shards: Parquet files in object storage, and questions in SQL over them."""
