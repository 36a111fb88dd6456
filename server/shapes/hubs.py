"""What hubs and their upstream say to each other (docs/protocol.md, Hubs), and what an administrator is told."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from server.shapes.common import Milliseconds, Paged, Shape

HEX_32 = r"^[0-9a-f]{64}$"
SECTIONS_MAX = 64  # a registry has some 40
JOINS_MAX = 200  # in one request; a class is 30
Digest = Annotated[str, StringConstraints(pattern=HEX_32)]
Epoch = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class HubJoinRequest(Shape):
    code: str = Field(min_length=8, max_length=16, examples=["K7QM-2XHP"])
    public_key: str = Field(max_length=130, description="65 bytes of an uncompressed P-256 point, hexadecimal.")
    proof: str = Field(max_length=128, description="r ‖ s over the hub's join message, hexadecimal.")


class HubJoined(Shape):
    hub: str
    name: str
    organisation: str
    release_keys: dict[str, Any]


class HubState(Shape):
    """What waits on a hub. `oldest_seconds`: how long the oldest of it has waited, by the hub's clock."""

    waiting: int = Field(ge=0, examples=[12])
    oldest_seconds: int = Field(ge=0, examples=[86_400])
    refused: int = Field(ge=0, examples=[0])


class RegistryAsked(Shape):
    """The sections that the hub holds, by the digests of what they held."""

    have: dict[Annotated[str, StringConstraints(max_length=16)], Digest] = Field(max_length=SECTIONS_MAX)


class EntriesAsked(Shape):
    epoch: str = Field(
        pattern=r"^([0-9a-f]{16})?$", description="The life of the log that the cursor is in; may be empty."
    )
    cursor: int = Field(ge=0, le=2**53 - 1)
    state: HubState


class CarriedJoin(Shape):
    """A joining at a hub: the phone's own words, and the number that the hub gave its profile."""

    code: str = Field(min_length=8, max_length=16)
    public_key: str = Field(max_length=100)
    proof: str = Field(max_length=100)
    label: str = Field(default="", max_length=80)
    language: str = Field(default="en", max_length=16)
    profile: int = Field(ge=1, le=2**31)


class CarriedJoins(Shape):
    joins: list[CarriedJoin] = Field(max_length=JOINS_MAX)


class Answered(Shape):
    """What became of one thing that a hub brought; `code` is empty where it is durable, `busy` where it must come
    again, else why it is not taken."""

    code: str = Field(examples=["", "bad_signature"])


class CargoAnswer(Answered):
    request: Digest = Field(description="SHA-256 of the part.")


class CargoAnswers(Shape):
    epoch: Epoch
    answers: list[CargoAnswer]


class JoinAnswers(Shape):
    epoch: Epoch
    answers: list[Answered] = Field(description="In the order of the joins.")


class Incident(Shape):
    """Something that a hub brought and that was not as a device signed it."""

    hub: str = Field(examples=["Grace's laptop"])
    device: str = Field(examples=["a3" * 16], description="Whose it says it is; empty where that cannot be read.")
    reason: str = Field(examples=["bad_signature"])
    at_ms: Milliseconds


class HubRow(Shape):
    id: str
    name: str = Field(examples=["Grace's laptop"])
    added_ms: Milliseconds
    joined_ms: Milliseconds | None
    revoked_ms: Milliseconds | None
    last_uplink_ms: Milliseconds | None
    waiting: int = Field(description="What it had not handed on yet, as it last said.")
    oldest_cargo_ms: Milliseconds | None = Field(description="Since when the oldest of that waits.")
    refused: int
    incidents: int


class HubPage(Paged):
    items: list[HubRow]
    incidents: list[Incident] = Field(description="The newest ones.")
