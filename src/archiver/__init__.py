"""Archive web portals as evidence, read records from it, and keep the history of what really changed."""
