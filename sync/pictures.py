"""Photographs that answer a question: their bytes travel after the attempt that names them, piece by piece.

docs/protocol.md, "Pictures". The attempt is signed and holds a picture's SHA-256, so the bytes prove themselves; what
is signed here says only who brings them and how long they are. That never changes from piece to piece, so whoever
carries a picture on needs no key.
"""

from dataclasses import dataclass
from hashlib import sha256

from sync.codec.errors import CodecError
from sync.codec.errors import Truncated as CutShort
from sync.codec.leb import Reader, uleb
from sync.errors import Malformed, TooLarge, Truncated, UnsupportedVersion
from sync.identity import DEVICE_BYTES, DeviceKey
from sync.limits import PICTURE_BYTES_MAX, PIECE_BYTES_MAX

VERSION = 1
SIGNATURE_BYTES = 64
DIGEST_BYTES = 32
SIGNED = b"tiffin-picture-1\n"
HEAD_BYTES_MAX = 1 + SIGNATURE_BYTES + DEVICE_BYTES + DIGEST_BYTES + 3 * 10  # three numbers of ten bytes at most
REQUEST_BYTES_MAX = HEAD_BYTES_MAX + PIECE_BYTES_MAX
PART = b"P"  # what such a part of a carried file begins with; a request begins with its version, which is no letter


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes `at` a place of the picture `digest`, which has `length` of them. None: the device only asks."""

    device: bytes
    profile: int
    digest: bytes
    length: int
    at: int
    content: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        return SIGNED + _head(self.device, self.profile, self.digest, self.length)

    def write(self) -> bytes:
        head = _head(self.device, self.profile, self.digest, self.length)
        return bytes((VERSION,)) + self.signature + head + uleb(self.at) + self.content

    def write_part(self) -> bytes:
        """As it stands in a carried file."""
        return PART + self.write()


def _head(device: bytes, profile: int, digest: bytes, length: int) -> bytes:
    return device + uleb(profile) + digest + uleb(length)


def piece_of(key: DeviceKey, profile: int, picture: bytes, at: int, length_max: int = PIECE_BYTES_MAX) -> Piece:
    """The piece of a picture that begins at a place, signed."""
    digest = sha256(picture).digest()
    signature = key.sign(SIGNED + _head(key.device, profile, digest, len(picture)))
    return Piece(key.device, profile, digest, len(picture), at, picture[at : at + length_max], signature)


def read_part(part: bytes) -> Piece:
    """A part of a carried file: of any length up to a whole picture. Raises what `read_piece` does."""
    if not part.startswith(PART):
        raise Malformed("This part of the file is no photograph.")
    return read_piece(part.removeprefix(PART), content_bytes_max=PICTURE_BYTES_MAX)


def read_piece(body: bytes, content_bytes_max: int = PIECE_BYTES_MAX) -> Piece:
    """Raises `UnsupportedVersion`, `Truncated`, `Malformed`, or `TooLarge`, naming the limit."""
    if body[:1] and body[0] != VERSION:
        raise UnsupportedVersion(f"Version {body[0]} of a picture's piece is not spoken here. Update the app.")
    reader = Reader(body, 1)
    try:
        signature, device = reader.take(SIGNATURE_BYTES), reader.take(DEVICE_BYTES)
        profile, digest, length, at = reader.uleb(), reader.take(DIGEST_BYTES), reader.uleb(), reader.uleb()
    except CutShort as error:
        raise Truncated("The piece is cut off. Send it again.") from error
    except CodecError as error:
        raise Malformed(str(error)) from error
    if not 0 < length <= PICTURE_BYTES_MAX:
        raise TooLarge(f"A picture of {length} bytes; the limit is {PICTURE_BYTES_MAX}.")
    if reader.left > content_bytes_max:
        raise TooLarge(f"A piece of {reader.left} bytes; the limit is {content_bytes_max}.")
    if at + reader.left > length:
        raise Malformed("The piece goes on behind the picture's end.")
    return Piece(device, profile, digest, length, at, reader.take(reader.left), signature)
