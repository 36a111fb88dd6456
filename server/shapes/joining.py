"""What a phone says to join, and what it is told (docs/protocol.md, Join)."""

from pydantic import Field

from server.shapes.common import Milliseconds, Named, Shape


class JoinRequest(Shape):
    code: str = Field(min_length=8, max_length=16, examples=["K7QM-2XHP"])
    public_key: str = Field(max_length=100, description="base64url of the 65 bytes of an uncompressed P-256 point.")
    proof: str = Field(max_length=100, description="base64url of the signature (r ‖ s) over the join message.")
    label: str = Field(default="", max_length=80, examples=["Amina's phone"])
    language: str = Field(default="en", max_length=16, examples=["ar"])


class JoinedLearner(Named):
    language: str = Field(examples=["ar"])


class JoinedOrganisation(Named):
    release_key: str = Field(description="base64url of the 32 bytes of the Ed25519 key that signs releases.")
    release_key_id: str = Field(examples=["1c9a52f0d3e4b687"])
    release_key_generation: int = Field(examples=[0], description="How often the key was replaced.")
    next_release_key: str = Field(description="The key that will follow, likewise: known before it is needed.")


class Joined(Shape):
    device: str = Field(description="The device's id, hexadecimal.", examples=["a3" * 16])
    profile: int = Field(examples=[1])
    learner: JoinedLearner
    organisation: JoinedOrganisation
    push_key: str = Field(description="The server's VAPID public key, base64url.")
    epoch: str = Field(examples=["0011223344556677"])
    server_time: Milliseconds
