"""Carried files, applied: each part of one is taken as if it had come by network, and its reply is written down.

Requests first, then the photographs, wherever they stand: a picture is taken only when an attempt names it.

Any order will do, and any number of times: the exchange sees to that. One request that is refused, or a part that was
damaged on the way, costs nobody else anything.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from server.database import Database
from server.exchange.devices import Devices
from server.exchange.service import ExchangeService, Taken
from server.pictures.filed import Brought, bring
from server.problems import answer_to
from sync.carried import DIGEST_BYTES, CarriedReply, Kind, Outcome, write_carried
from sync.errors import Busy, SyncError, UnknownDevice
from sync.limits import CARRIED_BYTES_MAX
from sync.pictures import Piece, read_part
from sync.wire import Verdict, read_request

TOGETHER = 32  # requests under way at once: they share commits, and leave the queue to the phones that are online
TRIES_MAX = 20  # of a request while the server is busy: a minute and a half
REPLIES_ROOM = CARRIED_BYTES_MAX - 4_096
T = TypeVar("T")


@dataclass
class FromDevice:
    """What one profile of one device had in the file. `learner`: whose it says it is, also where nothing is taken;
    empty where it never joined. `pictures`: photographs that are whole here; `pictures_early`: those that no attempt
    here names yet. `refused`: codes of whole requests and photographs, and of frames not kept."""

    device: str
    profile: int
    learner: str = ""
    requests: int = 0
    new: int = 0
    placed: int = 0
    parked: int = 0
    quarantined: int = 0
    later: int = 0
    pictures: int = 0
    pictures_early: int = 0
    refused: list[str] = field(default_factory=list)

    def count(self, taken: Taken) -> None:
        verdicts = Counter(aside.verdict for aside in taken.admitted.set_aside)
        self.new += len(taken.admitted.accepted)
        self.placed += len(taken.admitted.placed)
        self.parked += verdicts[Verdict.PARKED]
        self.quarantined += verdicts[Verdict.QUARANTINED]
        self.later += verdicts[Verdict.LATER]
        self.refused += [one.reason.value for one in taken.admitted.set_aside if one.verdict is Verdict.REFUSED]

    def count_picture(self, brought: Brought) -> None:
        self.pictures += brought.is_whole
        self.pictures_early += brought.is_early
        if brought.is_refused:
            self.refused.append(brought.code)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a file. `unreadable`: parts that are neither request nor photograph. `replies`: the file to carry
    back; `unanswered`: replies that found no room in it, which cost their devices a repeat."""

    devices: tuple[FromDevice, ...]
    unreadable: int
    replies: bytes
    unanswered: int


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a file holds, by its sort. `unreadable`: how many parts are of neither."""

    requests: tuple["_Request", ...]
    pieces: tuple[Piece, ...]
    unreadable: int

    @classmethod
    def of(cls, parts: Sequence[bytes]) -> "_Parts":
        requests, pieces = tuple(_readable(_Request.read, parts)), tuple(_readable(read_part, parts))
        return cls(requests, pieces, len(parts) - len(requests) - len(pieces))


@dataclass(frozen=True, slots=True)
class _Request:
    """A request of a file, and whose it says it is."""

    body: bytes
    device: bytes
    profile: int

    @classmethod
    def read(cls, part: bytes) -> "_Request":
        header = read_request(part).header
        return cls(part, header.device, header.profile)

    def answered(self, outcome: Outcome, body: bytes) -> bytes:
        return CarriedReply(self.device, self.profile, sha256(self.body).digest(), outcome, body).write()


async def apply(
    service: ExchangeService, database: Database, parts: Sequence[bytes], *, organisation: str = ""
) -> Applied:
    """Takes every request, then every photograph. `organisation`: only devices of this one; others are unknown here."""
    read = await asyncio.to_thread(_Parts.of, parts)  # thousands: others must be answered meanwhile
    found: dict[tuple[bytes, int], FromDevice] = {}
    replies: list[bytes] = []

    def of(one: _Request | Piece) -> FromDevice:
        key = (one.device, one.profile)
        if key not in found:
            found[key] = FromDevice(one.device.hex(), one.profile, _learner(service.devices, *key, organisation))
        return found[key]

    async for one, result in _taken(service, read.requests, organisation):
        replies.append(_note(of(one), one, result))
    await service.settled()
    async for brought in bring(database, service.devices, read.pieces, organisation):
        of(brought.piece).count_picture(brought)
        replies.append(brought.answered(service.epoch))
    fitting = _fitting(replies)
    return Applied(
        devices=tuple(sorted(found.values(), key=lambda one: (one.device, one.profile))),
        unreadable=read.unreadable,
        replies=await asyncio.to_thread(write_carried, Kind.REPLIES, fitting),
        unanswered=len(replies) - len(fitting),
    )


def _learner(devices: Devices, device: bytes, profile: int, organisation: str) -> str:
    with suppress(UnknownDevice):
        author = devices.joined(device, profile).author
        return author.learner if organisation in ("", author.organisation) else ""
    return ""


async def outcomes(
    service: ExchangeService, parts: Sequence[bytes], organisation: str
) -> AsyncIterator[tuple[bytes, Taken | SyncError]]:
    """What came of each part, for who tells the devices nothing: no reply is read from the log for them."""
    readable: list[_Request] = []
    for part in parts:
        try:
            readable.append(_Request.read(part))
        except SyncError as error:
            yield part, error
    async for one, result in _taken(service, readable, organisation, asks=False):
        yield one.body, result


async def _taken(
    service: ExchangeService, requests: Iterable["_Request"], organisation: str, *, asks: bool = True
) -> AsyncIterator[tuple["_Request", Taken | SyncError]]:
    for together in _batched(_in_turns(requests)):
        came = await asyncio.gather(*(_take(service, one, organisation, asks) for one in together))
        for pair in zip(together, came, strict=True):
            yield pair


def _readable(read: Callable[[bytes], T], parts: Iterable[bytes]) -> Iterator[T]:
    for part in parts:
        with suppress(SyncError):
            yield read(part)


def _in_turns(requests: Iterable[_Request]) -> Iterator[_Request]:
    """The first of every device, then the second of every device: nothing is parked that need not be."""
    turns: dict[int, list[_Request]] = defaultdict(list)
    had: Counter[tuple[bytes, int]] = Counter()
    for one in requests:
        turns[had[one.device, one.profile]].append(one)
        had[one.device, one.profile] += 1
    for turn in sorted(turns):
        yield from turns[turn]


def _batched(requests: Iterator[_Request]) -> Iterator[list[_Request]]:
    while together := list(islice(requests, TOGETHER)):
        yield together


async def _take(service: ExchangeService, one: _Request, organisation: str, asks: bool) -> Taken | SyncError:
    for _ in range(TRIES_MAX):
        try:
            known = service.devices.known(one.device, one.profile)
            if organisation not in ("", known.author.organisation):
                raise UnknownDevice("This device has joined another organisation.")
            return await service.take(one.body, asks=asks)
        except Busy as error:
            busy = error
            await asyncio.sleep(error.wait_seconds)
        except SyncError as error:
            return error
    return busy


def _note(of: FromDevice, one: _Request, result: Taken | SyncError) -> bytes:
    of.requests += 1
    if isinstance(result, Taken):
        of.count(result)
        return one.answered(Outcome.REPLY, result.reply)
    code = answer_to(result).code
    of.refused.append(code)
    return one.answered(Outcome.REFUSED, code.encode())


def _fitting(replies: Sequence[bytes]) -> list[bytes]:
    room, fitting = REPLIES_ROOM, []
    for reply in replies:
        room -= len(reply) + DIGEST_BYTES
        if room < 0:
            break
        fitting.append(reply)
    return fitting
