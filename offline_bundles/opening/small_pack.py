"""A small pack: the texts of a release that another lacks, in one reply, since each request costs some 700 bytes.

Per object: 32 bytes of digest, its length as unsigned LEB128, its bytes. docs/bundle-format.md, "On the wire".
"""

from collections.abc import Iterator
from hashlib import sha256

from offline_bundles.errors import BrokenManifest, MissingObject, TamperedObject
from offline_bundles.opening.contents import objects_of
from offline_bundles.stores import ObjectSource

SMALL_BYTES_MAX = 64 << 10  # larger objects are fetched by range, so that a cut costs little
PACK_BYTES_MAX = 64 << 20
DIGEST_BYTES = 32
LENGTH_BYTES_MAX = 4  # enough for SMALL_BYTES_MAX, and to spare


def small_pack(root: str, since: str | None, store: ObjectSource) -> bytes:
    """The texts of the release `root` that the release `since` lacks; what is above the limits is fetched by itself.

    Raises `MissingObject` or `BrokenManifest` where `root` is at fault.
    """
    held = _held(since, store) if since else frozenset()
    packed = bytearray()
    for ref in objects_of(root, store):
        if not ref.is_text or ref.digest in held or store.size(ref.digest) >= SMALL_BYTES_MAX:
            continue
        content = store.read(ref.digest)
        entry = pack_entry(ref.digest, content)
        if len(packed) + len(entry) > PACK_BYTES_MAX:
            break
        packed += entry
    return bytes(packed)


def pack_entry(digest: str, content: bytes) -> bytes:
    return bytes.fromhex(digest) + _leb(len(content)) + content


def _held(since: str, store: ObjectSource) -> frozenset[str]:
    """What a phone says that it holds is a hint: a name that is no whole release here saves it nothing."""
    try:
        return frozenset(ref.digest for ref in objects_of(since, store))
    except (MissingObject, BrokenManifest):
        return frozenset()


def read_small_pack(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Each object that a pack holds, checked. Raises `BrokenManifest` or `TamperedObject`."""
    if len(raw) > PACK_BYTES_MAX:
        raise BrokenManifest(f"A pack has {PACK_BYTES_MAX >> 20} MB at most.")
    at = 0
    while at < len(raw):
        digest = raw[at : at + DIGEST_BYTES].hex()
        length, at = _read_leb(raw, at + DIGEST_BYTES)
        content = raw[at : at + length]
        if len(content) < length or length >= SMALL_BYTES_MAX:
            raise BrokenManifest("The pack is cut, or holds an object that is not small.")
        at += length
        if sha256(content).hexdigest() != digest:
            raise TamperedObject(f"An object of the pack is not what its name says: {digest[:12]}")
        yield digest, content


def _leb(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _read_leb(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(LENGTH_BYTES_MAX):
        if at + place >= len(raw):
            break
        byte = raw[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise BrokenManifest("The pack is cut inside a length.")
