"""Pages in a browser: opens a page in a Chromium without a network, and returns what the browser made of it."""
