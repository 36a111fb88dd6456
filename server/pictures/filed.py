"""Photographs that came in a carried file: whole ones, or pieces, in any order and any number of times.

One that no attempt here names yet is not taken, and said to be early: its phone keeps it, and so does who carries the
file.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from server import errors
from server.database import Database
from server.exchange.devices import Devices
from server.pictures.taking import sender, take
from server.problems import ANSWERS, answer_to
from server.tables import PictureState
from sync.admission import Author
from sync.carried import CarriedReply, Outcome
from sync.errors import SyncError, UnknownDevice
from sync.pictures import Piece

EARLY = ANSWERS[errors.NotFound].code


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one part. `author`: of a device that is known here; `code`: a `PictureState`, or of a refusal."""

    piece: Piece
    author: Author | None
    code: str

    @property
    def is_whole(self) -> bool:
        return self.code in (PictureState.KEPT, PictureState.UNREADABLE)

    @property
    def is_early(self) -> bool:
        return self.author is not None and self.code == EARLY

    @property
    def is_refused(self) -> bool:
        return not (self.is_whole or self.is_early or self.code == PictureState.COMING)

    def answered(self, epoch: bytes) -> bytes:
        """As a file of replies tells it."""
        body = epoch + self.code.encode()
        return CarriedReply(self.piece.device, self.piece.profile, self.piece.digest, Outcome.PICTURE, body).write()


async def bring(
    database: Database, devices: Devices, pieces: Iterable[Piece], organisation: str = ""
) -> AsyncIterator[Brought]:
    """Takes each, once the attempts beside them are in. `organisation`: only devices of this one."""
    for piece in sorted(pieces, key=lambda one: (one.device, one.profile, one.digest, one.at)):
        author = None
        try:
            author = _known(devices, piece, organisation)
            held = await asyncio.to_thread(take, database, author, piece)
        except (SyncError, errors.NotFound) as error:
            yield Brought(piece, author, answer_to(error).code)
        else:
            yield Brought(piece, author, held.state)


def _known(devices: Devices, piece: Piece, organisation: str) -> Author:
    author = sender(devices, piece)
    if organisation not in ("", author.organisation):
        raise UnknownDevice("This device has joined another organisation.")
    return author
