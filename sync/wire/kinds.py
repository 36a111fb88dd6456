"""The kinds of frames, and the tier in which each travels."""

from enum import IntEnum


class Tier(IntEnum):
    """Sync tiers in the order in which they travel; under load the last is refused first."""

    IMMEDIATE = 0
    BATCHED = 1
    EVENTUAL = 2


class FrameKind(IntEnum):
    """What a frame holds; the numbers are those on the wire and in the log."""

    SUBMISSIONS = 1
    MILESTONES = 2
    PROGRESS = 3
    EVENTS = 4
    STATUS = 5
    SUBSCRIPTION = 6
    GRADE = 16
    RELEASE = 17
    MESSAGE = 18
    ENROLMENT = 19


DOCUMENTS = frozenset({FrameKind.MILESTONES, FrameKind.PROGRESS})
FROM_DEVICES = frozenset(kind for kind in FrameKind if kind < FrameKind.GRADE)
TIERS = {
    FrameKind.SUBMISSIONS: Tier.IMMEDIATE,
    FrameKind.MILESTONES: Tier.IMMEDIATE,
    FrameKind.PROGRESS: Tier.BATCHED,
    FrameKind.EVENTS: Tier.EVENTUAL,
}


class Verdict(IntEnum):
    """What became of a frame that is not simply durable now."""

    PARKED = 1
    REFUSED = 2
    QUARANTINED = 3
    LATER = 4
