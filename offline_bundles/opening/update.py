"""The texts of a release that another lacks, in one reply, since each request costs some 700 bytes.

Per object its length as unsigned LEB128, and its bytes. What it is called, its bytes say themselves: a digest is 32
bytes that no compression makes smaller. docs/bundle-format.md, "On the wire".
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

from offline_bundles.errors import BrokenManifest, MissingObject
from offline_bundles.opening.contents import objects_of
from offline_bundles.stores import ObjectSource

SMALL_BYTES_MAX = 64 << 10  # larger objects are fetched by range, so that a cut costs little
UPDATE_BYTES_MAX = 64 << 20
LENGTH_BYTES_MAX = 4  # enough for SMALL_BYTES_MAX, and to spare


def update_pack(root: str, since: str | None, store: ObjectSource, *, after: int = 0) -> bytes:
    """The texts of the release `root` that the release `since` lacks; what is above the limits is fetched by itself.

    Without the first `after` of them: what came before a cut is not sent again.
    Raises `MissingObject` or `BrokenManifest` where `root` is at fault.
    """
    packed = bytearray()
    for _, content in islice(new_texts(root, since, store), after, None):
        entry = update_entry(content)
        if len(packed) + len(entry) > UPDATE_BYTES_MAX:
            break
        packed += entry
    return bytes(packed)


def new_texts(root: str, since: str | None, store: ObjectSource) -> Iterator[tuple[str, bytes]]:
    """In manifest order. Raises like `update_pack`."""
    held = _held(since, store) if since else frozenset()
    for ref in objects_of(root, store):
        if ref.is_text and ref.digest not in held and store.size(ref.digest) < SMALL_BYTES_MAX:
            yield ref.digest, store.read(ref.digest)


def update_entry(content: bytes) -> bytes:
    return _leb(len(content)) + content


def _held(since: str, store: ObjectSource) -> frozenset[str]:
    """What a phone says that it holds is a hint: a name that is no whole release here saves it nothing."""
    try:
        return frozenset(ref.digest for ref in objects_of(since, store))
    except (MissingObject, BrokenManifest):
        return frozenset()


def read_update(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Each object that an update holds, by the name that its bytes have. Raises `BrokenManifest`.

    Whether it belongs to the release, the manifests say: what was changed on the way has a name that none asks for.
    """
    if len(raw) > UPDATE_BYTES_MAX:
        raise BrokenManifest(f"An update has {UPDATE_BYTES_MAX >> 20} MB at most.")
    at = 0
    while at < len(raw):
        content, at = _read_content(raw, at)
        yield sha256(content).hexdigest(), content


def _read_content(raw: bytes, at: int) -> tuple[bytes, int]:
    length, at = _read_leb(raw, at)
    content = raw[at : at + length]
    if len(content) < length or length >= SMALL_BYTES_MAX:
        raise BrokenManifest("The update is cut, or holds an object that is not small.")
    return content, at + length


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
    raise BrokenManifest("The update is cut inside a length.")
