"""The use cases of the command line and the public API; they combine the packages below them."""
