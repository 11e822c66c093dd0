"""Maintain one archive: check its fixity and delete bodies."""
