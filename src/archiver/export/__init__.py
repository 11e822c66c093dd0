"""Write streams of values to files that other programs read. Nothing here knows an archive."""
