"""Published releases, brought to a hub: nothing is served before its every byte is what the upstream signed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from offline_bundles import ObjectStore, ReleaseRecord, verify_release
from offline_bundles.errors import TamperedObject
from offline_bundles.opening.contents import ObjectRef, walk
from offline_bundles.signing import verify_root
from offline_bundles.stores.whole import hold_whole
from server.courses import publishing, releases
from server.courses.cards import keep_release
from server.courses.outline import Outlines
from server.courses.readying import Readying
from server.courses.release_keys import ReleaseKeys
from server.database import Database
from server.errors import UnknownKey
from server.hubs.asking.upstream import UpstreamServer
from server.keys import KeyRing
from server.tables import Release, ReleaseState

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a hub's releases stand on."""

    database: Database
    store: ObjectStore
    readying: Readying
    outlines: Outlines
    ring: KeyRing

    def take(self, organisation_id: str, record: ReleaseRecord, upstream: UpstreamServer, say: Say) -> bool:
        """Fetches, verifies, publishes. False when it was here. Raises `BundleError`, `UnknownKey`, `UpstreamFails`;
        then what has come stays, and the next round goes on from there."""
        with self.database.reading() as session:
            there = session.get(Release, (organisation_id, record.course, record.number))
        if there is not None and there.root == record.root and there.state is ReleaseState.PUBLISHED:
            return False
        public_key = ReleaseKeys(self.ring, organisation_id).known().get(record.key)
        if public_key is None:
            raise UnknownKey(f"Release {record.number} of {record.course} is signed by a key that is not known here.")
        verify_root(record.root, record.signature, public_key)
        self._fetch_all(record, upstream, say)
        verify_release(record, public_key, self.store)
        with self.database.writing() as session:
            keep_release(session, organisation_id, record, self.store)
            publishing.publish(session, organisation_id, record.course, record.number, self.outlines)
        self.readying.ready(record.root)
        return True

    def _fetch_all(self, record: ReleaseRecord, upstream: UpstreamServer, say: Say) -> None:
        fetched = 0

        def fetch(digest: str) -> None:
            nonlocal fetched
            if hold_whole(digest, self.store):
                return
            with upstream.fetched(digest) as content:
                if self.store.put_from(cast(BinaryIO, content)) != digest:
                    raise TamperedObject(f"What came for {digest[:12]}… is something else. It is fetched again.")
            fetched += 1
            say(f"{record.course} {record.number}: {fetched} objects")

        def read(ref: ObjectRef) -> bytes:
            fetch(ref.digest)
            return self.store.read(ref.digest)

        for ref in walk(record.root, read):
            fetch(ref.digest)


def record_of(told: dict[str, Any]) -> ReleaseRecord:
    names = ("course", "number", "root", "root_bytes", "signature", "key")
    return ReleaseRecord(*(told[name] for name in names))


def newest_here(database: Database, organisation_id: str) -> dict[str, int]:
    with database.reading() as session:
        return {course: one.number for course, one in releases.newest_published(session, organisation_id).items()}
