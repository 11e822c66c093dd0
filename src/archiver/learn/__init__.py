"""Profiles from pages: what a site's pages have in common, as a draft profile."""
