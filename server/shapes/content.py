"""The public half of a release, as phones and hubs fetch it."""

from pydantic import Field

from server.shapes.common import Shape


class EndorsementShape(Shape):
    """One key's word for the next (docs/bundle-format.md, "Keys")."""

    generation: int = Field(examples=[1])
    public_key: str = Field(examples=["3b" * 32])
    by: str = Field(examples=["1c9a52f0d3e4b687"])
    signature: str = Field(examples=["9a" * 64])


class ReleaseRecordShape(Shape):
    """A release record (docs/bundle-format.md): the root's name and the organisation's signature over it."""

    course: str = Field(examples=["water-and-health"])
    number: int = Field(examples=[2])
    root: str = Field(examples=["5f" * 32])
    root_bytes: int = Field(examples=[1430])
    signature: str = Field(examples=["9a" * 64])
    key: str = Field(examples=["1c9a52f0d3e4b687"])
    keys: list[EndorsementShape] = Field(description="How the organisation's keys follow each other, up to the next.")
