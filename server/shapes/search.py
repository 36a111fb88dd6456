"""What a question to the catalogue finds."""

from pydantic import Field

from server.shapes.common import Shape


class SnippetPiece(Shape):
    text: str = Field(examples=["Boil"])
    is_hit: bool = Field(examples=[True], description="This is what was asked for.")


class Found(Shape):
    """A course, or an activity of it; `lesson` and `activity` are empty for a course."""

    course: str = Field(examples=["water-and-health"])
    number: int = Field(examples=[2], description="The published release that it stands in.")
    lesson: str = Field(examples=["clean-water"])
    activity: str = Field(examples=["why-it-matters"])
    kind: str = Field(examples=["page"], description="course, page, video, quiz or resource.")
    language: str = Field(examples=["en"])
    title: str = Field(examples=["Why clean water matters"])
    snippet: list[SnippetPiece] = Field(
        examples=[[{"text": "Boil", "is_hit": True}, {"text": " it for one minute.", "is_hit": False}]]
    )


class FoundList(Shape):
    found: list[Found] = Field(description="The best first.")
