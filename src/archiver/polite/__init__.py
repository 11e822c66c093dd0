"""Requests that respect the server: robots.txt, rate limits, connection limits, backoff."""
