"""Learn the profile of a site from its pages, and explain how a page is read."""
