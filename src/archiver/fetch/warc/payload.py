"""Compare a response's payload with its digest, and with the inputs that some writers use instead."""

from typing import NamedTuple

from archiver.fetch.warc.answer import ArchivedResponse
from archiver.fetch.warc.digests import Digest
from archiver.fetch.warc.warc_record import WarcRecord


class PayloadFault(NamedTuple):
    """A fault of WARC-Payload-Digest, as text.

    Attributes:
        is_wrong_input: whether the digest matches other bytes of the record, so that the bytes are proved all the same.
    """

    text: str
    is_wrong_input: bool


def payload_fault(record: WarcRecord, answer: ArchivedResponse) -> PayloadFault | None:
    """Return the fault of WARC-Payload-Digest; None when it matches, is missing, or cannot be checked.

    A payload is the body without transfer-encoding and with content-encoding (IIPC warc-specifications, issue 22).
    """
    digest = Digest(record.get("WARC-Payload-Digest") or "")
    if not digest.is_known or not record.is_whole or record.is_cut or digest.matches(answer.payload):
        return None
    for data, what in ((answer.framed, "chunk framing"), (answer.body, "decoded body"), (record.block, "whole block")):
        if digest.matches(data):
            return PayloadFault(f"WARC-Payload-Digest was made of the {what}, not of the payload", is_wrong_input=True)
    return PayloadFault("WARC-Payload-Digest does not match the payload", is_wrong_input=False)
