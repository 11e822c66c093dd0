"""Generations of a shard: its changed pages in object storage, published, fetched and pruned."""
