"""What hubs and their upstream say to each other (docs/protocol.md, Hubs), and what an administrator is told."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from server.shapes.common import Milliseconds, Named, Paged, PersonName, Shape
from server.shapes.learners import CourseId, Language
from server.tables import AdditionKind, UplinkTrouble

HEX_32 = r"^[0-9a-f]{64}$"
SECTIONS_MAX = 64  # a registry has some 40
JOINS_MAX = 200  # in one request; a class is 30
ADDITIONS_MAX = 200  # in one request: a class with its courses and codes, some 30 KB
COUNT_MAX = 2**53 - 1  # of what waits: as far as numbers are exact everywhere
HELD_MAX = 1_000  # learners whose history is damaged at once: beyond that a disk is lost, and a restore is due
SECONDS_MAX = 2**32  # a century and more: no hub has waited longer, whatever its clock says
Digest = Annotated[str, StringConstraints(pattern=HEX_32)]
RandomId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
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

    waiting: int = Field(ge=0, le=COUNT_MAX, examples=[12])
    oldest_seconds: int = Field(ge=0, le=SECONDS_MAX, examples=[86_400])
    refused: int = Field(ge=0, le=COUNT_MAX, examples=[0])


class RegistryAsked(Shape):
    """The sections that the hub holds, by the digests of what they held."""

    have: dict[Annotated[str, StringConstraints(max_length=16)], Digest] = Field(max_length=SECTIONS_MAX)


class EntriesAsked(Shape):
    epoch: str = Field(
        pattern=r"^([0-9a-f]{16})?$", description="The life of the log that the cursor is in; may be empty."
    )
    cursor: int = Field(ge=0, le=2**53 - 1)
    state: HubState
    held: dict[Annotated[str, StringConstraints(max_length=32)], Annotated[int, Field(ge=0, le=2**53 - 1)]] = Field(
        default={},
        max_length=HELD_MAX,
        description="By learner, from where on she is to be told apart, since what came next was damaged. Left out "
        "where there is none: an upstream that told of no damage may be too old to know the word.",
    )


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


class AddedLearner(Shape):
    """`name`: what the hub calls this addition; by it a repeat is known."""

    kind: Literal[AdditionKind.LEARNER]
    name: RandomId
    learner: RandomId
    full_name: PersonName
    language: Language | Literal[""]


class AddedEnrolment(Shape):
    kind: Literal[AdditionKind.ENROLMENT]
    name: RandomId
    learner: RandomId
    course: CourseId


class AddedCode(Shape):
    """The digest that is slow to make, of a code for a learner whom this hub enrolled."""

    kind: Literal[AdditionKind.CODE]
    name: RandomId
    learner: RandomId
    digest: Digest
    seconds_left: int = Field(ge=0, le=2**32, description="How long it is good yet; ages, since clocks differ.")


Added = Annotated[AddedLearner | AddedEnrolment | AddedCode, Field(discriminator="kind")]


class CarriedAdditions(Shape):
    """Each is read by itself: what one hub writes amiss must not hold up what stands behind it."""

    additions: list[Any] = Field(max_length=ADDITIONS_MAX)


class Answered(Shape):
    """What became of one thing that a hub brought; `code` is empty where it is durable, `busy` where it must come
    again, else why it is not taken."""

    code: str = Field(examples=["", "bad_signature"])


class CargoAnswer(Answered):
    request: Digest = Field(description="SHA-256 of the part.")


class CargoAnswers(Shape):
    epoch: Epoch
    answers: list[CargoAnswer]


class Answers(Shape):
    epoch: Epoch
    answers: list[Answered] = Field(description="In the order of what was asked.")


class Incident(Shape):
    """Something that a hub brought and that was not as a device signed it."""

    hub: str = Field(examples=["Grace's laptop"])
    device: str = Field(examples=["a3" * 16], description="Whose it says it is; empty where that cannot be read.")
    reason: str = Field(examples=["bad_signature"])
    at_ms: Milliseconds


class HubFilter(StrEnum):
    """What a list of hubs may be narrowed to; what needs a person most comes first. A hub may fit several.

    `knocked`: a key of it that was ended came again. `altered`: it brought what no phone had signed. `silent`: not
    heard for three days. `refused`: of what it brought something was refused. `waiting`: not everything is handed on.
    """

    KNOCKED = "knocked"
    ALTERED = "altered"
    SILENT = "silent"
    REFUSED = "refused"
    NOT_JOINED = "not_joined"
    WAITING = "waiting"
    REVOKED = "revoked"


class HubOrder(StrEnum):
    NEED = "need"
    NAME = "name"
    LAST_UPLINK = "last_uplink"
    WAITING = "waiting"


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
    knocked_ms: Milliseconds | None = Field(description="When a laptop last came with a key that was ended.")
    fits: list[HubFilter] = Field(description="What it may be found by; none: it is well.")


class EnrolledAtHub(Shape):
    """A learner whom a hub added."""

    learner: Named
    hub: str = Field(examples=["Grace's laptop"])
    at_ms: Milliseconds
    namesake: Named | None = Field(description="Who had the same name by then: perhaps the same person.")


class HubPage(Paged):
    hubs: int = Field(examples=[54], description="How many there are, found or not.")
    items: list[HubRow]
    incidents: list[Incident] = Field(description="The newest ones.")
    enrolled: list[EnrolledAtHub] = Field(description="Learners whom hubs added, the newest ones.")


class WaitingAddition(Shape):
    """Something added at this hub that its upstream has not, or will not have."""

    kind: AdditionKind
    learner: Named
    course: str = Field(description="Of an enrolment; else empty.", examples=["water-and-health"])
    refused: str = Field(description="Why the upstream will not have it; empty while it waits.")
    added_ms: Milliseconds


class RefusedWork(Shape):
    """How many pieces of work or joinings the upstream would not have, for one reason."""

    refused: str = Field(examples=["device_unknown"])
    count: int = Field(examples=[3])


class HubHere(Shape):
    """This server as a hub."""

    name: str = Field(examples=["Grace's laptop"])
    upstream: str = Field(examples=["https://tiffin.example.org"])
    last_uplink_ms: Milliseconds | None
    last_error: UplinkTrouble | Literal[""] = Field(description="Why the last round failed; empty when it did not.")
    last_error_detail: str = Field(description="What it said, for whoever mends it.")
    waiting: int = Field(description="Requests of phones that are to be handed on.", examples=[12])
    oldest_cargo_ms: Milliseconds | None
    added: list[WaitingAddition] = Field(description="The refused ones first, then the oldest.")
    refused: list[RefusedWork]
