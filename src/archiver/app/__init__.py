"""The composition root: real parts, put together once, and the small public API over them."""
