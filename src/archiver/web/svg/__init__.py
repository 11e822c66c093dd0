"""Charts as SVG, drawn on the server: pure functions from data to markup."""
