"""Work on the archive of one site: begin with one that exists, fetch, move, rescue it, run a command on it."""
