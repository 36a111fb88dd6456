"""Signing in to the consoles."""

from pydantic import Field

from server.shapes.common import Named, Shape
from server.tables import Role


class SignIn(Shape):
    name: str = Field(min_length=1, max_length=80, examples=["trainer"])
    password: str = Field(min_length=1, max_length=200, examples=["four plain words here"])


class Me(Shape):
    """Who is signed in. An administrator may do all that a trainer may."""

    id: str
    name: str = Field(examples=["trainer"])
    display_name: str = Field(examples=["Grace Akello"])
    role: Role
    organisation: Named
    is_hub: bool = Field(description="Of this server: marks and changes are its upstream's; it enrols.")
