"""A worker: claims sites, crawls each in slices, publishes what changed, and gives the sites back."""
