"""Fixity: whether an archive is whole, what it holds, and whose word says so."""
