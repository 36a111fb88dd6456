"""A hub's enrolments in a file, for where the hub itself may not come home: a trainer carries it beside the laptop.

It holds what a round would bring first, additions and joinings, each request as the hub signs it, so that it is
believed as the hub is: whoever carries the file can add nothing to it. What phones sent is not in it. They hold that
themselves, and bring it to the next server that knows them.

JSON: `{"format", "version", "hub", "requests": [{"path", "body": base64, "signature": hexadecimal}]}`.
"""

import base64
from collections.abc import Iterable

from pydantic import Field, TypeAdapter, ValidationError

from server.errors import SetupError
from server.hubs import signing
from server.shapes.common import Shape
from sync.identity import DeviceKey

FORMAT, VERSION = "tiffin-enrolments", 1
ADDITIONS, JOINS = "/v1/hub/additions", "/v1/hub/joins"
BODY_CHARACTERS_MAX = 1 << 20  # of 200 additions or joinings, some 100 KB
REQUESTS_MAX = 1_000  # of 200 each: more than a hub may enrol in its life
FILE_BYTES_MAX = 64 << 20


class Signed(Shape):
    """A request as a hub sends it."""

    path: str = Field(max_length=64)
    body: str = Field(max_length=BODY_CHARACTERS_MAX)
    signature: str = Field(max_length=256)

    @property
    def raw(self) -> bytes:
        """Raises `ValueError`."""
        return base64.b64decode(self.body, validate=True)


class Filed(Shape):
    """What a file holds, as it says."""

    format: str = Field(pattern=f"^{FORMAT}$")
    version: int = Field(ge=VERSION, le=VERSION)
    hub: str = Field(max_length=64)
    requests: list[Signed] = Field(max_length=REQUESTS_MAX)


FILED = TypeAdapter(Filed)


def write(hub_id: str, key: DeviceKey, requests: Iterable[tuple[str, bytes]]) -> bytes:
    """`requests`: path and body of each, in order."""
    signed = [
        Signed(
            path=path,
            body=base64.b64encode(body).decode(),
            signature=signing.headers(hub_id, key, path, body)[signing.SIGNATURE],
        )
        for path, body in requests
    ]
    return Filed(format=FORMAT, version=VERSION, hub=hub_id, requests=signed).model_dump_json(indent=1).encode()


def read(raw: bytes) -> Filed:
    """Raises `SetupError` for what is no such file."""
    try:
        return FILED.validate_json(raw)
    except ValidationError as error:
        raise SetupError("This is no file of a hub's enrolments, or it is cut. Copy it again.") from error
