"""Situations in which crawlers and archives fail, each as a few bytes of a server on loopback."""
