"""Bodies that are more than JSON by a schema: exchanges, carried files, photographs, and what hubs say, signed.

Each is made as an honest phone or hub makes it, then changed here and there, then signed: what stands behind the door
has to bear it. Now and then it is changed after that, too.
"""

import base64
import json
import random
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from server.hubs import signing
from sync.carried import Kind, write_carried
from sync.codec import CodecError
from sync.errors import SyncError
from sync.identity import DeviceKey, join_statement
from sync.limits import PICTURE_BYTES_MAX, PIECE_BYTES_MAX
from sync.pictures import PART, piece_of
from sync.wire import Frame, Header, items_of, statement, write_request
from tests.fuzz.door import contents, mutated
from tests.fuzz.site import Site

TWISTED_SHARE = 0.04  # of the parts of what a hub says
HUBS = "/v1/hub/"
ASKED_BY_HUBS = ("registry", "entries", "joins", "additions", "cargo")


@dataclass
class Bodies:
    """`others`: what may stand in the place of any part of JSON."""

    site: Site
    rng: random.Random
    others: tuple[Any, ...]
    seeds: list[tuple[Any, bytes]] = field(default_factory=contents)

    def of(self, path: str) -> tuple[bytes, dict[str, bytes]] | None:
        """For a route that takes such a body: it, and the headers that go with it."""
        if path.removeprefix(HUBS) in ASKED_BY_HUBS:
            return self._from_hub(path)
        made = {"/v1/exchange": self._exchange, "/v1/carried": self._file, "/v1/pictures": self._piece}.get(path)
        return (made(), {}) if made else None

    def _exchange(self) -> bytes:
        chosen = sorted(self.rng.choices(self.seeds, k=self.rng.randrange(4)))
        frames = tuple(Frame(kind, mutated(self.rng, raw)) for kind, raw in chosen)
        header = Header(self.site.phone.key.device, self.site.phone.profile, cursor=self.rng.choice((0, 1, 2**53 - 1)))
        try:
            signature = self.site.phone.key.sign(statement(header.write(), items_of(frames)))
        except (CodecError, SyncError):  # a chain that cannot be read has no head to sign
            signature = bytes(64)
        return self._damaged(write_request(header, frames, signature), share=0.2)

    def _file(self) -> bytes:
        parts = [self._part() for _ in range(self.rng.randrange(5))]
        return self._damaged(write_carried(Kind.REQUESTS, parts), share=0.4)

    def _part(self) -> bytes:
        return PART + self._piece(PICTURE_BYTES_MAX) if self.rng.random() < 0.4 else self._exchange()

    def _piece(self, bytes_max: int = PIECE_BYTES_MAX) -> bytes:
        """Of a photograph that an attempt names, or of bytes that none does."""
        phone, picture = self.site.phone, self.rng.choice((*self.site.pictures, self.rng.randbytes(100)))
        at = self.rng.choice((0, 0, PIECE_BYTES_MAX, len(picture) // 2, len(picture)))
        body = piece_of(phone.key, phone.profile, picture, at, self.rng.choice((0, 1, bytes_max, bytes_max))).write()
        return self._damaged(body, share=0.2)

    def _from_hub(self, path: str) -> tuple[bytes, dict[str, bytes]]:
        says = (self._hub_registry, self._hub_entries, self._hub_joins, self._hub_additions, self._hub_cargo)
        body = dict(zip(ASKED_BY_HUBS, says, strict=True))[path.removeprefix(HUBS)]()
        told_by = signing.headers(self.site.hub, self.site.hub_key, path, body)
        headers = {name: value.encode() for name, value in told_by.items()}
        return self._damaged(body, share=0.05), headers

    def _hub_registry(self) -> bytes:
        sections = ("organisation", "courses", "people/0", "devices/f", "none such")
        return self._json({"have": {name: sha256(name.encode()).hexdigest() for name in self.rng.sample(sections, 3)}})

    def _hub_entries(self) -> bytes:
        state = {"waiting": self.rng.choice((0, 3)), "oldest_seconds": 5, "refused": 0}
        cursor = self.rng.choice((0, 1, 2, 2**53 - 1))
        return self._json({"epoch": self.rng.choice(("", self.site.epoch, "0" * 16)), "cursor": cursor, "state": state})

    def _hub_joins(self) -> bytes:
        return self._json({"joins": [self._join() for _ in range(self.rng.randrange(3))]})

    def _join(self) -> dict[str, Any]:
        """A new phone's own words, with a code that is good or none."""
        key, code = DeviceKey.generate(), self.rng.choice((self.site.code, "AAAA-AAAA"))
        proof = key.sign(join_statement(code.replace("-", "")))
        told = {"code": code, "public_key": _base64url(key.public_key), "proof": _base64url(proof), "label": "a phone"}
        return told | {"language": "en", "profile": self.rng.choice((64, 65, 2**31))}

    def _hub_additions(self) -> bytes:
        return self._json({"additions": [self._addition() for _ in range(self.rng.randrange(4))]})

    def _addition(self) -> dict[str, Any]:
        learner = self.rng.choice((*self.site.names["learner"], self.rng.randbytes(8).hex(), "ab" * 8))
        name = {"name": self.rng.choice((self.rng.randbytes(8).hex(), "cd" * 8)), "learner": learner}
        return name | self.rng.choice(
            (
                {"kind": "learner", "full_name": "Grace", "language": "en"},
                {"kind": "enrolment", "course": self.rng.choice((*self.site.names["course"], "none"))},
                {"kind": "code", "digest": self.rng.randbytes(32).hex(), "seconds_left": 600},
            )
        )

    def _hub_cargo(self) -> bytes:
        return write_carried(Kind.REQUESTS, [self._exchange() for _ in range(self.rng.randrange(4))])

    def _json(self, told: Any) -> bytes:
        return json.dumps(self._twisted(told)).encode()

    def _twisted(self, value: Any) -> Any:
        """With something else in the place of some of its parts."""
        if self.rng.random() < TWISTED_SHARE:
            return self.rng.choice(self.others)
        if isinstance(value, dict):
            return {name: self._twisted(part) for name, part in value.items()}
        return [self._twisted(part) for part in value] if isinstance(value, list) else value

    def _damaged(self, body: bytes, *, share: float) -> bytes:
        return mutated(self.rng, body) if self.rng.random() < share else body


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
