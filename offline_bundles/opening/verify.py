"""Checks a release, every byte of it, against the organisation's key. It trusts neither the store nor the carrier.

Invariant: no manifest is believed before its own bytes are found to be what their name says; the root's name is what
the signature covers. One fault does not hide another: each part of the course is looked at on its own.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from offline_bundles.canonical import MANIFEST_BYTES_MAX, read_manifest
from offline_bundles.errors import BadSignature, MissingObject, TamperedObject
from offline_bundles.forms import RELEASE_FORM
from offline_bundles.opening.contents import ObjectRef, walk
from offline_bundles.records import ReleaseRecord
from offline_bundles.signing import key_id, verify_root
from offline_bundles.stores import ObjectSource
from offline_bundles.stores.whole import is_whole


def verify_release(record: ReleaseRecord, public_key: bytes, store: ObjectSource) -> int:
    """How many objects were found to be right.

    Raises `BadSignature`, `BrokenManifest`, or `MissingObject` / `TamperedObject` that names every object at fault.
    """
    verify_root(record.root, record.signature, public_key)
    inspection = _Inspection(store)
    count = sum(1 for ref in walk(record.root, inspection.read) if inspection.is_right(ref))
    inspection.judge()
    _check_record(record, public_key, store)
    return count


def _check_record(record: ReleaseRecord, public_key: bytes, store: ObjectSource) -> None:
    """The signature covers the root alone: what the record says beside it must be what the root says."""
    root = store.read(record.root)
    manifest = read_manifest(root, RELEASE_FORM)
    said = (record.course, record.number, record.key, record.root_bytes)
    if said != (manifest.get("course"), manifest.get("number"), key_id(public_key), len(root)):
        raise BadSignature("The release's record says other things than the root that was signed. Do not use it.")


@dataclass
class _Inspection:
    """What is wrong with which object, by digest, in the course's order."""

    store: ObjectSource
    missing: dict[str, str] = field(default_factory=dict)
    tampered: dict[str, str] = field(default_factory=dict)

    def is_right(self, ref: ObjectRef) -> bool:
        if not self.store.has(ref.digest):
            self.missing[ref.digest] = _named(ref)
        elif not _is_right(ref, self.store):
            self.tampered[ref.digest] = _named(ref)
        return ref.digest not in self.missing and ref.digest not in self.tampered

    def read(self, ref: ObjectRef) -> bytes | None:
        """A manifest that is what its name says; else None, and `is_right` says what is wrong with it."""
        try:
            raw = self.store.read(ref.digest, 0, MANIFEST_BYTES_MAX + 1)
        except MissingObject:
            return None
        too_large = len(raw) > MANIFEST_BYTES_MAX  # whoever reads it says so
        return raw if too_large or sha256(raw).hexdigest() == ref.digest else None

    def judge(self) -> None:
        if self.tampered:
            named = "; ".join(self.tampered.values())
            raise TamperedObject(f"These bytes are not what was signed: {named}", tuple(self.tampered))
        if self.missing:
            raise MissingObject("These objects are missing: " + "; ".join(self.missing.values()))


def _is_right(ref: ObjectRef, store: ObjectSource) -> bool:
    if ref.bytes and store.size(ref.digest) != ref.bytes:
        return False
    return is_whole(ref.digest, store)


def _named(ref: ObjectRef) -> str:
    return f"{ref.use} ({ref.digest[:12]})"
