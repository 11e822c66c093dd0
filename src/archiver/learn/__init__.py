"""Make a draft profile for a site from its pages."""
