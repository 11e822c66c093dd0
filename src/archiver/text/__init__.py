"""Pure functions on text and addresses: decoding, cleaning, dates, numbers, words, digests, URLs."""
