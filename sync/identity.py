"""Devices and their keys: ECDSA P-256 with SHA-256 (FIPS 186-5), signatures as r and s of 32 bytes each (IEEE P1363).

The device's id is derived from its public key, so that nobody hands out ids and nobody can take another's.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sync.errors import BadPublicKey, BadSignature

PUBLIC_KEY_BYTES = 65
DEVICE_BYTES = 16
SCALAR_BYTES = 32
JOIN = b"tiffin-join-1\n"
KEYS_KEPT = 4_096  # loaded public keys: some 2 KB each; loading one costs as much as half a verification

_P256 = ec.SECP256R1()
_ECDSA = ec.ECDSA(hashes.SHA256())


def device_id(public_key: bytes) -> bytes:
    return sha256(public_key).digest()[:DEVICE_BYTES]


@lru_cache(maxsize=KEYS_KEPT)
def load_public_key(raw: bytes) -> ec.EllipticCurvePublicKey:
    """An uncompressed point of 65 bytes; raises `BadPublicKey`."""
    if len(raw) != PUBLIC_KEY_BYTES or raw[0] != 4:
        raise BadPublicKey(f"A device's key is an uncompressed P-256 point of {PUBLIC_KEY_BYTES} bytes.")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_P256, raw)
    except ValueError as error:
        raise BadPublicKey("The key is no point of P-256.") from error


def verify(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Raises `BadSignature` or `BadPublicKey`."""
    key = load_public_key(public_key)
    if len(signature) != 2 * SCALAR_BYTES:
        raise BadSignature("A signature has 64 bytes.")
    r, s = (int.from_bytes(half, "big") for half in (signature[:SCALAR_BYTES], signature[SCALAR_BYTES:]))
    try:
        key.verify(encode_dss_signature(r, s), message, _ECDSA)
    except InvalidSignature as error:
        raise BadSignature("The signature does not fit this device's key. Send it again, or join again.") from error


def join_statement(code: str) -> bytes:
    """What a device signs to show that it holds its key; the code without dashes, in upper case."""
    return JOIN + code.encode()


@dataclass(frozen=True)
class DeviceKey:
    """A device's key pair, as the reference client holds it; a phone's cannot be exported."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> "DeviceKey":
        return cls(ec.generate_private_key(_P256))

    @classmethod
    def load(cls, pem: bytes) -> "DeviceKey":
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise BadPublicKey("The file holds no P-256 key.")
        return cls(key)

    def save(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def public_key(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    @property
    def device(self) -> bytes:
        return device_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(message, _ECDSA))
        return r.to_bytes(SCALAR_BYTES, "big") + s.to_bytes(SCALAR_BYTES, "big")
