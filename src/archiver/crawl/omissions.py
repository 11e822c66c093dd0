"""What a crawl left out, in words."""

from collections.abc import Iterator

from archiver.crawl.pipeline import Pipeline


def omissions(pipeline: Pipeline) -> Iterator[str]:
    """Yield what a run did not visit, did not reach, or left out of a history; one line each."""
    trapped, loops, left_out = pipeline.discoverer.trapped, list(pipeline.loops.found), pipeline.left_out
    if trapped.count:
        yield str(trapped)
    if loops:
        pages = "1 page redirects" if len(loops) == 1 else f"{len(loops)} pages redirect"
        yield f"{pages} in a circle that sets a cookie (the first: {loops[0]}): `cookies = true` in [crawl] may help"
    if left_out:
        text = f"{len(left_out)} visits are dated later than now (the first: visit {min(left_out)}); "
        yield text + "the histories of their pages leave them out"
