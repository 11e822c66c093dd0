"""How sites without a profile are crawled: start, scope and depth, as `archiver crawl URL` set them."""

from archiver.store.connection import Connection


class SiteRules:
    """Reads and writes the crawl rules of sites without a profile, as JSON text, in `_meta`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, site: str) -> str | None:
        """Return a site's rules; None when no crawl set any."""
        found: str | None = self._connection.value("SELECT value FROM _meta WHERE key = ?", (f"crawl {site}",))
        return found

    def put(self, site: str, rules: str) -> None:
        """Store a site's rules."""
        self._connection.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES (?, ?)", (f"crawl {site}", rules))
