"""Checks of an archive: the chain, the rows and the bodies."""
