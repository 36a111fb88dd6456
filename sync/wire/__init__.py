"""The exchange as bytes, in both directions; every bound is asked before anything is parsed."""

from sync.wire.kinds import DOCUMENTS, TIERS, FrameKind, Tier, Verdict
from sync.wire.reply import FrameVerdict, Reply, read_reply, write_reply
from sync.wire.request import (
    NO_EPOCH,
    Frame,
    Header,
    Request,
    Waiting,
    items_of,
    read_request,
    statement,
    write_request,
)

__all__ = [
    "DOCUMENTS",
    "NO_EPOCH",
    "TIERS",
    "Frame",
    "FrameKind",
    "FrameVerdict",
    "Header",
    "Reply",
    "Request",
    "Tier",
    "Verdict",
    "Waiting",
    "items_of",
    "read_reply",
    "read_request",
    "statement",
    "write_reply",
    "write_request",
]
