"""The visual difference of two screenshots: which regions changed, and both pictures with the regions outlined."""
