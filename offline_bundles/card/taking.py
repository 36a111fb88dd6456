"""Takes a release from a source that nobody vouches for, such as a card, into a store of one's own.

Invariant: nothing is kept before the whole release was found to be right, and each object is hashed once more on its
way: a failing card may give other bytes the second time.
"""

from dataclasses import replace

from offline_bundles.canonical import read_manifest, write_canonical
from offline_bundles.errors import TamperedObject
from offline_bundles.forms import RELEASE_FORM
from offline_bundles.opening.contents import objects_of
from offline_bundles.opening.verify import verify_release
from offline_bundles.records import ReleaseRecord
from offline_bundles.signing import Signer
from offline_bundles.stores import ObjectSource, ObjectStore
from offline_bundles.stores.whole import hold_whole


def take_release(record: ReleaseRecord, public_key: bytes, source: ObjectSource, store: ObjectStore) -> int:
    """How many objects were new to the store. What lay damaged there is made whole from the source.

    Raises what `verify_release` raises, and `TamperedObject` when the source changed while it was read.
    """
    verify_release(record, public_key, source)
    new = [ref for ref in objects_of(record.root, source) if not hold_whole(ref.digest, store)]
    for ref in new:
        with source.open(ref.digest) as content:
            if store.put_from(content) != ref.digest:
                raise TamperedObject(f"The card gives other bytes each time ({ref.use}). Copy it to another one.")
    return len(new)


def adopt_release(record: ReleaseRecord, store: ObjectStore, signer: Signer) -> ReleaseRecord:
    """The same release under another organisation's signature, whose phones know no other.

    Only the root changes, in its member `key`. The release must be in the store and have been verified; doing it again
    gives the same record.
    """
    manifest = read_manifest(store.read(record.root), RELEASE_FORM) | {"key": signer.key_id}
    raw = write_canonical(manifest)
    root = store.put(raw)
    signed = signer.sign_root(root)
    return replace(record, root=root, root_bytes=len(raw), signature=signed, key=signer.key_id)
