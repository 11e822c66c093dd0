"""Text and addresses in one normal form: decoding, cleaning, dates, numbers, words, digests, URLs; pure functions."""
