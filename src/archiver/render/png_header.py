"""The size of a PNG, from its header. Nothing is decoded, and Pillow is not needed."""

import struct

from archiver.errors import UnreadableScreenshot

WIDEST, HIGHEST = 4_000, 15_000
"""The largest picture that is shown or compared, in pixels."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_BITS = 8


def png_size(png: bytes) -> tuple[int, int]:
    """Return width and height as the header says them. Nothing is decoded.

    Raises:
        UnreadableScreenshot: it is no PNG, larger than 4000 x 15,000 pixels, or has 16 bits a sample.
    """
    if png[:8] != _SIGNATURE or png[12:16] != b"IHDR" or len(png) < 29:  # noqa: PLR2004  (PNG, section 11.2.1)
        raise UnreadableScreenshot("the screenshot is not a PNG")
    width, height, bits = struct.unpack(">IIB", png[16:25])
    if not (0 < width <= WIDEST and 0 < height <= HIGHEST):
        raise UnreadableScreenshot(
            f"the screenshot has {width} x {height} pixels; at most {WIDEST} x {HIGHEST} are compared"
        )
    if bits > _MOST_BITS:
        raise UnreadableScreenshot(f"the screenshot has {bits} bits a sample; screenshots have 8")
    return width, height
