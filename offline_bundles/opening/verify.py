"""Checks a release, every byte of it, against the organisation's key. It trusts neither the store nor the carrier."""

from hashlib import sha256

from offline_bundles.canonical import read_manifest
from offline_bundles.errors import MissingObject, TamperedObject
from offline_bundles.opening.contents import ObjectRef, objects_of
from offline_bundles.records import ReleaseRecord
from offline_bundles.signing import verify_root
from offline_bundles.stores import ObjectStore

CHUNK_BYTES = 1 << 20


def verify_release(record: ReleaseRecord, public_key: bytes, store: ObjectStore) -> int:
    """How many objects were found to be right.

    Raises `BadSignature`, `BrokenManifest`, or `MissingObject` / `TamperedObject` that names every object at fault.
    """
    verify_root(record.root, record.signature, public_key)
    _check_manifests(record, store)
    missing: list[str] = []
    tampered: list[str] = []
    count = 0
    for ref in objects_of(record.root, store):
        count += 1
        if not store.has(ref.digest):
            missing.append(_named(ref))
        elif not _is_right(ref, store):
            tampered.append(_named(ref))
    if tampered:
        raise TamperedObject("These bytes are not what was signed: " + "; ".join(tampered))
    if missing:
        raise MissingObject("These objects are missing: " + "; ".join(missing))
    return count


def _check_manifests(record: ReleaseRecord, store: ObjectStore) -> None:
    """Before anything that they say is believed."""
    release = _checked(record.root, "the release's manifest", store)
    for lesson in read_manifest(release, "tiffin-release-1").get("lessons", ()):
        _checked(lesson["manifest"], f"the manifest of {lesson['id']}", store)


def _checked(digest: str, use: str, store: ObjectStore) -> bytes:
    raw = store.read(digest)
    if sha256(raw).hexdigest() != digest:
        raise TamperedObject(f"These bytes are not what was signed: {use} ({digest[:12]})")
    return raw


def _is_right(ref: ObjectRef, store: ObjectStore) -> bool:
    if ref.bytes and store.size(ref.digest) != ref.bytes:
        return False
    digest = sha256()
    with store.open(ref.digest) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest() == ref.digest


def _named(ref: ObjectRef) -> str:
    return f"{ref.use} ({ref.digest[:12]})"
