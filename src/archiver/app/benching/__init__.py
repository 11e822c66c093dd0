"""Compare profiles over the stored captures of a site, before one of them is used."""
