"""Pages in a browser: opens them in a Chromium without a network, and compares the screenshots of two visits."""
