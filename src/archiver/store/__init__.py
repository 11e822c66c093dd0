"""The only room that knows SQL: one archive = `archive.db` (what people query) and `archive.vault.db` (bodies)."""
