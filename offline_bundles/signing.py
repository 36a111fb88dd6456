"""Signing releases: Ed25519 (RFC 8032) over the root's digest, with an organisation's key."""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from offline_bundles.errors import BadSignature

SIGNED = b"tiffin-release-1\n"
KEY_ID_CHARACTERS = 16


def key_id(public_key: bytes) -> str:
    return sha256(public_key).hexdigest()[:KEY_ID_CHARACTERS]


@dataclass(frozen=True)
class Signer:
    """An organisation's signing key."""

    private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> "Signer":
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "Signer":
        """The key that 32 random bytes stand for (RFC 8032, 5.1.5)."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def load(cls, pem: bytes) -> "Signer":
        """What `save` gave. Raises `BadSignature`."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadSignature("The file holds no key in PEM, or one under a password.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadSignature("The file holds no Ed25519 key.")
        return cls(key)

    def save(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def public_key(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        return key_id(self.public_key)

    def sign_root(self, root: str) -> str:
        return self.private.sign(SIGNED + bytes.fromhex(root)).hex()


def verify_root(root: str, signature: str, public_key: bytes) -> None:
    """Raises `BadSignature`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(bytes.fromhex(signature), SIGNED + bytes.fromhex(root))
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("The release was not signed by this organisation's key. Do not use it.") from error
