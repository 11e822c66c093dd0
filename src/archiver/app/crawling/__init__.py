"""Crawling and reading again: sites opened and locked, runs recorded, worker processes started."""
