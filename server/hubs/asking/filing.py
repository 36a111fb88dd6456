"""What a hub's next round would bring first, as requests for a file: who was enrolled here, and which phones joined."""

from collections.abc import Iterator

from sqlalchemy import Connection

from server.hubs.asking import additions, cargo
from server.hubs.filed import ADDITIONS, JOINS
from server.shapes.hubs import CarriedAdditions, CarriedJoins


def requests(connection: Connection, epoch: bytes) -> Iterator[tuple[str, bytes]]:
    """All that one life of the upstream's log has not said to have; noting nothing, since the file may be lost too."""
    after = 0
    while added := additions.batch(connection, epoch, after):
        after = added[-1].id
        told = CarriedAdditions(additions=[additions.told(row) for row in added])
        yield ADDITIONS, told.model_dump_json().encode()
    after = 0
    while joined := cargo.joins(connection, epoch, after):
        after = joined[-1].id
        yield JOINS, CarriedJoins(joins=[cargo.joining(row) for row in joined]).model_dump_json().encode()
