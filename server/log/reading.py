"""What devices lack, read for a group of them at once.

A device's cursor ends at the log's head, whether or not anything there was for it: so nothing is looked through twice,
and a year of her own work costs a learner's exchange nothing. Of its own changes a device is sent those that its
request does not carry: they are a twin's, or its own from before it was set back. What is said to a course after its
head was read comes with the next exchange.

Where a damaged segment holds what a device lacks, its page ends before that, and begins there again once it is healed:
what stands behind builds on it. What the device brings is taken and acknowledged as ever.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection

from server.bulk import ask, run
from server.log.entries import TO_DEVICES, head
from server.log.segments import bodies
from sync.log import Entry, Page, Wanted
from sync.wire import FrameKind

PAGE_ENTRIES_MAX = 1_000
KINDS = ", ".join(map(str, TO_DEVICES))
_PAGE = f"""
    SELECT o.position{{columns}} FROM log_entry o WHERE o.learner_id = asked.column2 AND o.position > asked.column3
    AND o.position <= asked.column4 AND o.kind IN ({KINDS}) ORDER BY o.position LIMIT {PAGE_ENTRIES_MAX + 1}
"""  # noqa: S608  # numbers of our own
_HERS = "SELECT asked.column1 AS place, e.position, e.kind, e.course_id, e.body, e.device_id, e.segment_id FROM {asked}"
# Each learner's page and one entry more, all in one statement: by whichever way a database can limit rows for each.
_WHOLE = _PAGE.format(columns=", o.kind, o.course_id, o.body, o.device_id, o.segment_id")
HERS = {
    "sqlite": f"{_HERS} JOIN log_entry e ON e.position IN ({_PAGE.format(columns='')})",
    "postgresql": f"{_HERS} CROSS JOIN LATERAL ({_WHOLE}) e",
}
TO_COURSES = f"""
    SELECT position, organisation_id, kind, course_id, body, device_id FROM log_entry
    WHERE learner_id = '' AND position > ? AND position <= ? AND kind IN ({KINDS}) ORDER BY position
"""  # noqa: S608
ENROLLED = "SELECT e.learner_id, e.course_id FROM {asked} JOIN enrolment e ON e.learner_id = asked.column1"


def pages(connection: Connection, wanted: Sequence[Wanted], on_damage: Callable[[int], None]) -> list[Page]:
    """`on_damage` hears of each segment before which a page ends."""
    last = head(connection)  # first: what commits between two statements must not be passed over
    found: dict[int, list[Entry]] = defaultdict(list)
    asked = [(place, one.author.learner, one.cursor, last) for place, one in enumerate(wanted)]
    rows = list(ask(connection, HERS[connection.dialect.name], asked))
    packed = bodies(connection, {segment for *_, segment in rows if segment})
    ends = dict.fromkeys(range(len(wanted)), last)
    for place, position, kind, course, body, device, segment in rows:
        if segment and position not in packed:
            ends[place] = min(ends[place], position - 1)
            on_damage(segment)
        else:
            found[place].append(_entry(position, kind, course, packed.get(position, body), device))
    for place, entry_to_all in _to_courses(connection, wanted, last):
        found[place].append(entry_to_all)
    return [_page(found[place], one, ends[place]) for place, one in enumerate(wanted)]


def _entry(position: int, kind: int, course: str, body: bytes, device: str) -> Entry:
    return Entry(position, FrameKind(kind), course, bytes(body), device)


def _to_courses(connection: Connection, wanted: Sequence[Wanted], last: int) -> Iterator[tuple[int, Entry]]:
    """What is said to everyone in a course, with the place of each device whose learner takes it."""
    said = run(connection, TO_COURSES, (min(one.cursor for one in wanted), last))
    if not said:
        return
    courses: dict[str, set[str]] = defaultdict(set)
    for learner, course in ask(connection, ENROLLED, [(one.author.learner,) for one in wanted]):
        courses[learner].add(course)
    for position, organisation, *entry in said:
        for place, one in enumerate(wanted):
            hers = one.author.organisation == organisation and entry[1] in courses[one.author.learner]
            if hers and position > one.cursor:
                yield place, _entry(position, *entry)


def _page(found: Iterable[Entry], one: Wanted, last: int) -> Page:
    """As many as fit up to a position, at least one; in order. What is passed over is looked through all the same."""
    found = sorted((entry for entry in found if entry.position <= last), key=lambda entry: entry.position)
    entries: list[Entry] = []
    size = looked_through = 0
    for entry in islice(found, PAGE_ENTRIES_MAX):
        if (entry.kind, entry.course, entry.body) not in one.carried:
            size += len(entry.body)
            if size > one.bytes_max and entries:
                break
            entries.append(entry)
        looked_through += 1
    more = looked_through < len(found)
    return Page(tuple(entries), found[looked_through - 1].position if more else max(last, one.cursor), more)
