"""Frees what no release needs any more. What might still be asked for stays; in doubt, everything stays.

Kept are: all of a release that is newest, not published yet, held by any phone, or was replaced within the grace
period; the texts of every release there ever was, since an attempt comes home after months and is graded by the quiz
that it was made at; and whatever was put, held or asked for within the grace period, so that neither a packing nor a
download that is under way loses anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlmodel import Session, col, select

from offline_bundles import ObjectStore, objects_of
from offline_bundles.errors import BrokenManifest, MissingObject
from server.errors import SetupError
from server.tables import Device, DeviceContact, Release, ReleaseState

GRACE_DAYS = 30  # a download on 2G, in the evenings, takes weeks; a village is visited once a month
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Collected:
    objects: int
    bytes: int


def live_roots(session: Session, now_ms: int) -> frozenset[str]:
    """The releases that are kept whole, of every organisation."""
    courses: dict[tuple[str, str], list[Release]] = defaultdict(list)
    for release in session.exec(select(Release)):
        courses[release.organisation_id, release.course_id].append(release)
    pins = _pins(session)
    return frozenset(root for place, rows in courses.items() for root in _live(rows, pins.get(place, set()), now_ms))


def every_root(session: Session) -> frozenset[str]:
    return frozenset(session.exec(select(Release.root)))


def needed(store: ObjectStore, live: Iterable[str], every: Iterable[str]) -> frozenset[str]:
    """Raises `SetupError` when a live release has lost a manifest: what it needs cannot be known then."""
    found: set[str] = set()
    for root in live:
        try:
            found |= {ref.digest for ref in objects_of(root, store)}
        except (MissingObject, BrokenManifest) as error:
            raise SetupError(f"Nothing was collected. {error} Pack this course again first.") from error
    for root in every:
        found |= set(_texts(root, store))
    return frozenset(found)


def collect(
    store: ObjectStore, kept: frozenset[str], *, now_ms: int, dry_run: bool, grace_days: int = GRACE_DAYS
) -> Collected:
    """Removes every object that is not among `kept` and was not used within the grace period; or counts them."""
    unused_since = (now_ms - grace_days * DAY_MS) / 1000
    objects = size = 0
    for digest in [digest for digest in store.digests() if digest not in kept]:
        freed = (
            _size_if_old(store, digest, unused_since) if dry_run else store.collect(digest, unused_since=unused_since)
        )
        objects += freed > 0
        size += freed
    if not dry_run:
        store.sweep(unused_since=unused_since)
    return Collected(objects, size)


def _live(rows: list[Release], pins: set[int], now_ms: int) -> Iterator[str]:
    published = sorted((row for row in rows if row.state is ReleaseState.PUBLISHED), key=lambda row: row.number)
    newest = published[-1].number if published else 0
    replaced_ms = {old.number: new.published_ms or now_ms for old, new in pairwise(published)}
    for row in rows:
        is_recent = now_ms - replaced_ms.get(row.number, 0) < GRACE_DAYS * DAY_MS
        if row.number >= newest or row.number in pins or is_recent:
            yield row.root


def _pins(session: Session) -> dict[tuple[str, str], set[int]]:
    """The numbers of the releases that phones said they hold, by organisation and course; revoked ones hold nothing."""
    pins: dict[tuple[str, str], set[int]] = defaultdict(set)
    revoked = select(Device.id).where(col(Device.revoked_ms).is_not(None))
    for contact in session.exec(select(DeviceContact).where(col(DeviceContact.device_id).not_in(revoked))):
        for course, number in contact.releases.items():
            pins[contact.organisation_id, course].add(number)
    return pins


def _texts(root: str, store: ObjectStore) -> Iterator[str]:
    """Of an old release, as far as it is there."""
    try:
        for ref in objects_of(root, store):
            if ref.is_text:
                yield ref.digest
    except (MissingObject, BrokenManifest):
        return


def _size_if_old(store: ObjectStore, digest: str, unused_since: float) -> int:
    return store.size(digest) if store.last_used(digest) < unused_since else 0
