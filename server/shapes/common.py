"""Shapes that several parts of the API share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from server.tables import ReleaseState

Text = Annotated[
    dict[str, str],
    Field(description="A text by language; the course's first language is the one to fall back to."),
]
Milliseconds = Annotated[int, Field(description="Milliseconds since 1970, UTC.", examples=[1_790_000_000_000])]

NAME_CHARACTERS_MAX = 120  # a person's full name in any script
# At least one character that shows. NUL is a character to JSON and none to PostgreSQL.
PersonName = Annotated[
    str,
    Field(
        min_length=1, max_length=NAME_CHARACTERS_MAX, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", examples=["Amina Yusuf"]
    ),
]
COURSES_MAX = 64  # courses of one learner; a request that names more is a mistake


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Problem(BaseModel):
    """Problem details (RFC 9457). `code` is for programs, `detail` says what to do."""

    type: str = "about:blank"
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    detail: str = Field(examples=["There is no learner 4f2a here. Go back to the list of learners."])


class Named(Shape):
    id: str = Field(examples=["9f1c2b7d5e3a4811"])
    name: str = Field(examples=["Amina Yusuf"])


class Waiting(Shape):
    """What a phone said it still holds, by sync tier, at its last exchange."""

    immediate: int = Field(default=0, examples=[1])
    batched: int = Field(default=0, examples=[3])
    eventual: int = Field(default=0, examples=[40])


class TierBytes(Shape):
    essential: int = Field(default=0, examples=[412_000])
    important: int = Field(default=0, examples=[2_310_000])
    supplementary: int = Field(default=0, examples=[0])


class ReleaseRow(Shape):
    number: int = Field(examples=[2])
    root: str = Field(examples=["5f" * 32], description="SHA-256 of the release manifest.")
    state: ReleaseState
    title: Text
    bytes: TierBytes
    packed_ms: Milliseconds
    published_ms: Milliseconds | None = None


class Paged(Shape):
    total: int = Field(examples=[128], description="How many there are in all, not only on this page.")
    offset: int = Field(examples=[0])
    limit: int = Field(examples=[50])
