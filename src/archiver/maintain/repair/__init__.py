"""Repair of a damaged archive from its own mirrors and from a copy."""
