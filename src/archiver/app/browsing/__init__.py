"""What the pages of the web interface show, as data without markup."""
