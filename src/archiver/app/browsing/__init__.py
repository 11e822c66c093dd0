"""What pages of a web interface show, as data: no HTML."""
