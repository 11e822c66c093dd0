"""What a browser makes of a page: its document and a screenshot, and the visual difference of two screenshots."""
