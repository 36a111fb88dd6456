"""Whether an object is what its name says, looked at byte for byte: disks and memory cards lose bits as they age.

A store believes its names, so that putting again costs nothing; what was damaged is removed here, so that it can come
again from wherever it came.
"""

from math import inf

from offline_bundles.errors import TamperedObject
from offline_bundles.stores import ObjectSource, ObjectStore
from offline_bundles.stores.hashing import digest_of


def is_whole(digest: str, source: ObjectSource) -> bool:
    """Raises `MissingObject`."""
    try:
        with source.open(digest) as file:
            return digest_of(file) == digest
    except TamperedObject:  # a store far away looks for itself
        return False


def hold_whole(digest: str, store: ObjectStore) -> bool:
    """Whether an object is here and whole; then it stays, as if it had just been put. A damaged one is removed."""
    if not store.hold(digest):
        return False
    if is_whole(digest, store):
        return True
    store.collect(digest, unused_since=inf)
    return False
