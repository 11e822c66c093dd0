"""Reads the archives of all sites again, each in a process of its own."""
