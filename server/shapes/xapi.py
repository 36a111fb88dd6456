"""Statements as xAPI 1.0.3 writes them: its names, not ours."""

from typing import Any

from pydantic import Field

from server.shapes.common import Shape

EXAMPLE = {
    "id": "203e182c-6a2d-5458-9c61-a271297d459a",
    "actor": {
        "objectType": "Agent",
        "account": {"homePage": "https://learn.example.org", "name": "9f1c2b7d5e3a4811"},
    },
    "verb": {"id": "https://w3id.org/xapi/video/verbs/played", "display": {"en": "played"}},
    "object": {
        "objectType": "Activity",
        "id": "https://learn.example.org/xapi/courses/water-and-health/activities/lecture",
        "definition": {"type": "https://w3id.org/xapi/video/activity-type/video"},
    },
    "result": {"duration": "PT300S"},
    "timestamp": "2026-11-20T09:30:00+00:00",
    "stored": "2026-11-20T18:02:11.120+00:00",
    "version": "1.0.3",
}


class StatementResult(Shape):
    """One page of statements. `more` is the path of the next one; empty when there is none."""

    statements: list[dict[str, Any]] = Field(examples=[[EXAMPLE]], description="Statements, as xAPI 1.0.3 has them.")
    more: str = Field(
        examples=["/v1/xapi/statements?limit=100&after=1795197731120.203e182c-6a2d-5458-9c61-a271297d459a"]
    )
