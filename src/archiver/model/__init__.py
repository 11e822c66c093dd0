"""The words of the house: frozen types without I/O."""
