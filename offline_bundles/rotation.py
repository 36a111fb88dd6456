"""Keys that follow each other: the key that signs releases vouches for the next one before it is needed.

An organisation has two keys at any time: the one that signs, and the next, whose private half may lie in a safe.
Whoever trusts the first learns of the second by an endorsement, keeps both, and moves on when a release comes signed
with the next. A key that was left behind is never believed again: so a stolen one is answered by signing with the
next, and its thief can name no other. Modelled on the root role of The Update Framework (specification 1.0, 5.3).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from offline_bundles.errors import BadSignature, BrokenManifest
from offline_bundles.forms import DIGEST, KEY_ID, SIGNATURE
from offline_bundles.signing import Signer, key_id

ENDORSED = b"tiffin-key-1\n"
GENERATION_MAX = 999  # a rotation each month for eighty years
CHAIN_MAX = 64  # endorsements that travel together; who missed more joins again


@dataclass(frozen=True, slots=True)
class Endorsement:
    """One key's word for the next. `by`: the id of the key that signed; the others in hexadecimal."""

    generation: int
    public_key: str
    by: str
    signature: str

    @classmethod
    def of(cls, fields: Any) -> "Endorsement":
        """From JSON. Raises `BrokenManifest`."""
        try:
            endorsement = cls(**{name: fields[name] for name in cls.__slots__})
            shapes = ((endorsement.public_key, DIGEST), (endorsement.by, KEY_ID), (endorsement.signature, SIGNATURE))
            fits = all(pattern.fullmatch(value) for value, pattern in shapes)
        except (KeyError, TypeError) as error:
            raise BrokenManifest("This is no endorsement of a key.") from error
        if not fits or type(endorsement.generation) is not int or not 0 < endorsement.generation <= GENERATION_MAX:
            raise BrokenManifest("This endorsement of a key is not of its form.")
        return endorsement

    def is_by(self, public_key: bytes) -> bool:
        statement = _statement(self.generation, bytes.fromhex(self.public_key))
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(bytes.fromhex(self.signature), statement)
        except (InvalidSignature, ValueError):
            return False
        return self.by == key_id(public_key)


def endorse(signer: Signer, generation: int, public_key: bytes) -> Endorsement:
    """The word of the key before for the key of this generation; the first key of all has generation 0."""
    signature = signer.private.sign(_statement(generation, public_key)).hex()
    return Endorsement(generation, public_key.hex(), signer.key_id, signature)


def _statement(generation: int, public_key: bytes) -> bytes:
    return ENDORSED + generation.to_bytes(4, "big") + public_key


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """What a reader remembers of one organisation, from one release to the next."""

    generation: int
    current: bytes
    following: bytes | None = None

    def accepting(self, key: str, chain: Iterable[Endorsement]) -> "TrustedKeys":
        """What to remember once a release came that names `key`; whether it signed is for others to check.

        Raises `BadSignature` when these keys do not lead to it.
        """
        links = {link.generation: link for link in chain}
        trusted = self._learning(links)
        while key_id(trusted.current) != key:
            if trusted.following is None:
                raise BadSignature("The release was signed with a key that nobody here vouches for. Do not use it.")
            trusted = TrustedKeys(trusted.generation + 1, trusted.following)._learning(links)
        return trusted

    def _learning(self, links: Mapping[int, Endorsement]) -> "TrustedKeys":
        link = links.get(self.generation + 1)
        if link is None or not link.is_by(self.current):
            return self
        named = bytes.fromhex(link.public_key)
        if self.following is not None and self.following != named:
            raise BadSignature(
                "The key names another successor than before: it may be stolen. Do not use this release."
            )
        return TrustedKeys(self.generation, self.current, named)


def reachable(keys: Mapping[str, bytes], chain: Iterable[Endorsement]) -> dict[str, bytes]:
    """Public keys by id: those that are trusted, and those that they lead to."""
    known = dict(keys)
    for link in sorted(chain, key=lambda link: link.generation):
        if link.by in known and link.is_by(known[link.by]):
            public_key = bytes.fromhex(link.public_key)
            known[key_id(public_key)] = public_key
    return known
