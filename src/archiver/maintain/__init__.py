"""Care of the archive's files: verify, repair, backup."""
