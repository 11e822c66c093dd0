"""Captures out of WARC, ARC and WACZ files."""
