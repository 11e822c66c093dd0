"""A damaged archive made whole from a copy, or as far as its own rows allow."""
