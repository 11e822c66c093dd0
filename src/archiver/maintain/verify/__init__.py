"""Fixity: the chain, the rows and the bodies, checked."""
