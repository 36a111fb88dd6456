"""Learning analytics: append-only batches of rows, coalesced on the phone, deduplicated by (device, sequence).

Each row becomes one statement in the shape of xAPI 1.0.3 (actor, verb, object, timestamp, duration) on its way out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sync.errors import Malformed
from sync.submissions import SECONDS_MAX, member_number, member_text, read_object

ROWS_MAX = 4_096
ACTIVITIES_MAX = 512


class Verb(IntEnum):
    OPENED = 1
    PLAYED = 2
    READ = 3
    ATTEMPTED = 4
    DOWNLOADED = 5


@dataclass(frozen=True, slots=True)
class Event:
    """What was done with an activity; `started` in unix seconds, for `seconds`."""

    verb: Verb
    activity: str
    started: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive events of one profile in one course; `first` is the sequence number of the first."""

    first: int
    course: str
    events: tuple[Event, ...]

    def write(self) -> bytes:
        activities = list(dict.fromkeys(event.activity for event in self.events))
        rows, before = [], 0
        for event in self.events:
            rows.append([int(event.verb), activities.index(event.activity), event.started - before, event.seconds])
            before = event.started
        fields = {"first": self.first, "course": self.course, "activities": activities, "rows": rows}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def read(cls, content: bytes) -> "Batch":
        """Raises `Malformed`, naming what does not fit."""
        fields = read_object(content, "a batch of events")
        activities, rows = fields.get("activities"), fields.get("rows")
        if not isinstance(activities, list) or len(activities) > ACTIVITIES_MAX:
            raise Malformed(f"`activities` is an array of at most {ACTIVITIES_MAX} names.")
        if not isinstance(rows, list) or len(rows) > ROWS_MAX:
            raise Malformed(f"`rows` is an array of at most {ROWS_MAX} rows.")
        names = [member_text({"activity": name}, "activity") for name in activities]
        return cls(member_number(fields, "first"), member_text(fields, "course"), _events(rows, names))


def _events(rows: list[object], activities: Sequence[str]) -> tuple[Event, ...]:
    events, at = [], 0
    for row in rows:
        match row:
            case [int(verb), int(place), int(step), int(seconds)] if 0 <= place < len(activities):
                at += step
                events.append(Event(_verb(verb), activities[place], _seconds(at), _seconds(seconds)))
            case _:
                raise Malformed("A row is [verb, activity, started, seconds], all whole numbers.")
    return tuple(events)


def _verb(value: int) -> Verb:
    try:
        return Verb(value)
    except ValueError as error:
        raise Malformed(f"{value} is no verb.") from error


def _seconds(value: int) -> int:
    if not 0 <= value <= SECONDS_MAX:
        raise Malformed(f"{value} is no time in seconds.")
    return value
