"""How servers are asked: robots.txt, rate limits, connection limits, backoff."""
