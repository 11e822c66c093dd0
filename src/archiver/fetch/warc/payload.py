"""Whether an answer's payload is what its digest was made of, or what some writers make it of instead."""

from archiver.fetch.warc.answer import ArchivedResponse
from archiver.fetch.warc.digests import Digest
from archiver.fetch.warc.records import WarcRecord


def wrongly_made(record: WarcRecord, answer: ArchivedResponse) -> str | None:
    """What is wrong with WARC-Payload-Digest; None when it matches, is not there, or cannot be checked.

    A payload is the body without transfer-encoding and with content-encoding (IIPC warc-specifications, issue 22).
    """
    digest = Digest(record.get("WARC-Payload-Digest") or "")
    if not digest.is_known or not record.is_whole or digest.matches(answer.payload):
        return None
    for data, what in ((answer.framed, "chunk framing"), (answer.body, "decoded body"), (record.block, "whole block")):
        if digest.matches(data):
            return f"WARC-Payload-Digest was made of the {what}, not of the payload"
    return "WARC-Payload-Digest does not match the payload"


def is_explained(fault: str) -> bool:
    """Whether it is the digest that is wrong, and not the bytes."""
    return "was made of" in fault
