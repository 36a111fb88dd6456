"""A replica's requests in a file, and the replies that come back in one: an exchange that takes a bus."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256

from sync.carried import Carried, CarriedReply, Kind, Outcome, read_carried, write_carried
from sync.client.replica import Replica
from sync.errors import Malformed, NotCarried, RequestRefused
from sync.wire import Reply


def write_requests(replicas: Iterable[Replica], now_ms: int) -> bytes:
    """One file with the next request of each replica; each remembers that it waits for a reply."""
    return write_carried(Kind.REQUESTS, [replica.request(now_ms) for replica in replicas])


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
    carried = read_carried(file)
    if carried.kind is not Kind.REPLIES:
        raise NotCarried("This file holds requests. The file of replies is the one that came back.")
    return [
        _taken(replica, reply)
        for reply in replies_in(carried)
        if (reply.device, reply.profile) == (replica.key.device, replica.profile) and replica.awaits(reply.request)
    ]


def replies_in(carried: Carried) -> Iterator[CarriedReply]:
    """Every reply that can be read; one that cannot costs the others nothing."""
    for part in carried.parts:
        with suppress(Malformed):
            yield CarriedReply.read(part)


def _taken(replica: Replica, reply: CarriedReply) -> Reply:
    if reply.outcome is Outcome.REFUSED:
        raise RequestRefused(f"The server refused what was carried: {reply.body.decode('ascii', 'replace')}.")
    return replica.accept(reply.body, reply.request)
