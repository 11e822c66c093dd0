"""`archiver serve`: the archive in a browser. It imports `app`; no logic of the archive is here."""
