"""The keys that an organisation signs releases with: the present one, the next, and the words that lead to them.

The next key is made long before it is needed, and its endorsement is given out with every release record, so that a
phone knows it by the time that the present one is lost or stolen. docs/bundle-format.md, "Keys".

A hub signs nothing: it knows the public halves of its upstream's keys, and hands their words on.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from offline_bundles import Signer, key_id
from offline_bundles.rotation import CHAIN_MAX, Endorsement, endorse, reachable
from server.errors import SetupError, UnknownKey
from server.keys import KeyRing


@dataclass(frozen=True, slots=True)
class ReleaseKeys:
    ring: KeyRing
    organisation_id: str

    @property
    def generation(self) -> int:
        """Of the key that signs now: one less than that of the next."""
        return self.chain()[-1].generation - 1

    @property
    def signer(self) -> Signer:
        if self.ring.upstream_keys(self.organisation_id):
            raise SetupError("This is a hub: releases are packed and signed at its upstream.")
        return self._signer(self.ring.generation(self.organisation_id))

    @property
    def current(self) -> bytes:
        """The public key that signs now."""
        return self.known()[self.chain()[-1].by]

    @property
    def following(self) -> bytes:
        """The next public key."""
        return bytes.fromhex(self.chain()[-1].public_key)

    def chain(self) -> tuple[Endorsement, ...]:
        """From the oldest that is given out to that of the next key."""
        if kept := self.ring.upstream_keys(self.organisation_id):
            return tuple(Endorsement.of(link) for link in json.loads(kept)["chain"])
        self._first()  # its public half is kept while it is here: no endorsement names it
        last = self.ring.generation(self.organisation_id) + 1
        return tuple(self._endorsement(number) for number in range(max(1, last - CHAIN_MAX + 1), last + 1))

    def known(self) -> dict[str, bytes]:
        """Every public key by its id that releases are believed under here: one's own, and those that were trusted."""
        own = (self._first(), *(bytes.fromhex(link.public_key) for link in self.chain()[:-1]))
        return {key_id(key): key for key in (*own, *self.ring.trusted(self.organisation_id))}

    def reachable(self, chain: tuple[Endorsement, ...]) -> dict[str, bytes]:
        """Those, and the keys that they lead to by what a card brought."""
        return reachable(self.known(), chain)

    def public(self) -> dict[str, Any]:
        """What a hub is told: no private half is in it."""
        return {"first": self._first().hex(), "chain": [asdict(link) for link in self.chain()]}

    def follow(self, told: dict[str, Any]) -> None:
        """At a hub: keeps what its upstream told, if what was known before leads there. Raises `UnknownKey`."""
        chain = tuple(Endorsement.of(link) for link in told["chain"])
        if self.ring.upstream_keys(self.organisation_id) and chain[-1].by not in self.reachable(chain):
            raise UnknownKey("The upstream signs with a key that nothing here leads to. Ask its administrator why.")
        self.ring.keep_upstream_keys(self.organisation_id, json.dumps(told, sort_keys=True).encode())

    def rotate(self) -> None:
        """Signs with the next key from now on. What was signed before stays good where it is."""
        self.chain()  # the word for the next key is given by the present one, while it is here
        self.ring.rotate(self.organisation_id)
        self.chain()

    def _signer(self, generation: int) -> Signer:
        return Signer.from_seed(self.ring.release_seed(self.organisation_id, generation))

    def _endorsement(self, generation: int) -> Endorsement:
        def give() -> bytes:
            following = self._signer(generation).public_key
            return json.dumps(asdict(endorse(self._signer(generation - 1), generation, following))).encode()

        return Endorsement.of(json.loads(self.ring.endorsement(self.organisation_id, generation, give)))

    def _first(self) -> bytes:
        if told := self.ring.upstream_keys(self.organisation_id):
            return bytes.fromhex(json.loads(told)["first"])
        kept = self.ring.first_public_key(self.organisation_id, lambda: self._signer(0).public_key.hex().encode())
        return bytes.fromhex(kept.decode())
