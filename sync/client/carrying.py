"""A replica's requests and photographs in a file, and the replies in another: an exchange that takes a bus."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from sync.carried import Carried, CarriedReply, Kind, Outcome, read_carried, write_carried
from sync.client.replica import Replica
from sync.errors import Malformed, NotCarried, RequestRefused
from sync.limits import CARRIED_BYTES_MAX, PICTURE_BYTES_MAX
from sync.pictures import piece_of
from sync.wire import Reply

AROUND_BYTES_MAX = 44  # what a file has around a part, and at its ends
WHOLE = frozenset({"kept", "unreadable"})


@dataclass
class Photographs:
    """Those of one replica that its attempts name and no server is known to hold, by their SHA-256.

    Those that were in a file longest ago, or never, come first in the next: what finds no room waits for its turn.
    """

    replica: Replica
    waiting: dict[bytes, bytes] = field(default_factory=dict)

    def add(self, picture: bytes) -> str:
        """Gives the name by which an attempt answers with it."""
        digest = sha256(picture).digest()
        self.waiting[digest] = picture
        return digest.hex()

    def parts(self, room: int) -> Iterator[bytes]:
        """As many as fit into so many bytes of a file, each whole."""
        for digest, picture in list(self.waiting.items()):
            part = piece_of(self.replica.key, self.replica.profile, picture, 0, PICTURE_BYTES_MAX).write_part()
            room -= len(part) + AROUND_BYTES_MAX
            if room < 0:
                return
            self.waiting[digest] = self.waiting.pop(digest)
            yield part

    def take(self, reply: CarriedReply) -> bool:
        """Whether the reply says that one of these has arrived, in the life of the log that the replica knows."""
        is_whole = reply.code in WHOLE and reply.epoch == self.replica.epoch
        return is_whole and self.waiting.pop(reply.request, None) is not None


def write_requests(replicas: Iterable[Replica], now_ms: int, photographs: Iterable[Photographs] = ()) -> bytes:
    """One file with the next request of each replica, which remembers that it waits for a reply; and what fits."""
    parts = [replica.request(now_ms) for replica in replicas]
    room = CARRIED_BYTES_MAX - AROUND_BYTES_MAX - sum(len(part) + AROUND_BYTES_MAX for part in parts)
    for each in photographs:
        pictures = list(each.parts(room))
        room -= sum(len(part) + AROUND_BYTES_MAX for part in pictures)
        parts += pictures
    return write_carried(Kind.REQUESTS, parts)


def gathered(files: Iterable[bytes]) -> bytes:
    """The requests of several files in one, each once: what a trainer's memory card holds in the evening."""
    parts: dict[bytes, bytes] = {}
    for file in files:
        carried = read_carried(file)
        if carried.kind is not Kind.REQUESTS:
            raise NotCarried("This file holds replies. Requests are what is gathered.")
        parts |= {sha256(part).digest(): part for part in carried.parts}
    return write_carried(Kind.REQUESTS, parts.values())


def take_replies(replica: Replica, file: bytes) -> list[Reply]:
    """Takes in what a file of replies holds for this replica; others' replies and old ones are passed over.

    Raises `RequestRefused` with the code when a request was refused as a whole; what it carried stays unsent.
    """
    return [_taken(replica, reply) for reply in _replies_to(replica, file) if replica.awaits(reply.request)]


def take_arrivals(photographs: Photographs, file: bytes) -> int:
    """How many of the photographs a file of replies says are whole where it was written; these wait no longer."""
    return sum(
        photographs.take(reply) for reply in _replies_to(photographs.replica, file) if reply.outcome is Outcome.PICTURE
    )


def _replies_to(replica: Replica, file: bytes) -> list[CarriedReply]:
    carried = read_carried(file)
    if carried.kind is not Kind.REPLIES:
        raise NotCarried("This file holds requests. The file of replies is the one that came back.")
    mine = (replica.key.device, replica.profile)
    return [reply for reply in replies_in(carried) if (reply.device, reply.profile) == mine]


def replies_in(carried: Carried) -> Iterator[CarriedReply]:
    """Every reply that can be read; one that cannot costs the others nothing."""
    for part in carried.parts:
        with suppress(Malformed):
            yield CarriedReply.read(part)


def _taken(replica: Replica, reply: CarriedReply) -> Reply:
    if reply.outcome is Outcome.REFUSED:
        raise RequestRefused(f"The server refused what was carried: {reply.code}.")
    return replica.accept(reply.body, reply.request)
