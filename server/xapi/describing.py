"""Rows of the analytics store as xAPI statements, and the names in a question back to columns.

Source: xAPI 1.0.3 part 2; verbs of ADL (adlnet.gov/expapi/verbs) and of the video profile (w3id.org/xapi/video).
A learner is an account of this server: her id, never her name.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from server.consumers.analytics import STATEMENTS
from server.consumers.days import VERB_SPACE

VERSION = "1.0.3"
ADL_ACTIVITIES = "http://adlnet.gov/expapi/activities/"
VIDEO = "https://w3id.org/xapi/video/"
DOWNLOADED = "http://id.tincanapi.com/verb/downloaded"


@dataclass(frozen=True, slots=True)
class Told:
    """How one verb of the store is said: its IRI, its word, and the type of what it is done to."""

    verb: str
    word: str
    type: str


TOLD = {
    VERB_SPACE + "opened": Told(VERB_SPACE + "launched", "launched", ADL_ACTIVITIES + "lesson"),
    VERB_SPACE + "played": Told(VIDEO + "verbs/played", "played", VIDEO + "activity-type/video"),
    VERB_SPACE + "read": Told(VERB_SPACE + "experienced", "experienced", ADL_ACTIVITIES + "lesson"),
    VERB_SPACE + "attempted": Told(VERB_SPACE + "attempted", "attempted", ADL_ACTIVITIES + "assessment"),
    VERB_SPACE + "downloaded": Told(DOWNLOADED, "downloaded", ADL_ACTIVITIES + "media"),
    "scored": Told(VERB_SPACE + "scored", "scored", ADL_ACTIVITIES + "assessment"),
}
STORED_VERBS = {told.verb: stored for stored, told in TOLD.items()}


@dataclass(frozen=True, slots=True)
class Describing:
    """Statements of the server at `address`, which begins every IRI of ours and is the accounts' home page."""

    address: str

    def statement(self, row: dict[str, Any]) -> dict[str, Any]:
        told = TOLD[row["verb"]]
        return {
            "id": row["statement"],
            "actor": self.actor(row["actor"]),
            "verb": {"id": told.verb, "display": {"en": told.word}},
            "object": _activity(self.activity(row["course"], row["object"]), told.type),
            "result": _result(row),
            "context": self._context(row),
            "timestamp": row["timestamp"],
            "stored": moment(row["stored_ms"]),
            "authority": {"objectType": "Agent", "account": {"homePage": self.address, "name": "tiffin"}},
            "version": VERSION,
        }

    def actor(self, learner: str) -> dict[str, Any]:
        return {"objectType": "Agent", "account": {"homePage": self.address, "name": learner}}

    def activity(self, course: str, name: str = "") -> str:
        """The IRI of a course, or of an activity in it."""
        parts = [self.address, "xapi", "courses", quote(course, safe="")]
        return "/".join([*parts, "activities", quote(name, safe="")] if name else parts)

    def _context(self, row: dict[str, Any]) -> dict[str, Any]:
        course = _activity(self.activity(row["course"]), ADL_ACTIVITIES + "course")
        context = {
            "registration": str(uuid.uuid5(STATEMENTS, f"{row['actor']}/{row['course']}")),
            "platform": "Tiffin",
            "contextActivities": {"parent": [course]},
        }
        return context | ({"revision": str(row["release"])} if "release" in row else {})

    def learner_of(self, agent: str) -> str | None:
        """The learner whom an agent, written as JSON, is here; none when it is nobody of ours."""
        try:
            account = json.loads(agent)["account"]
            home, name = account["homePage"], account["name"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return name if home == self.address and isinstance(name, str) and name else None

    def activity_of(self, iri: str) -> tuple[str, str] | None:
        """The course and the activity that an IRI names; the activity is empty for a course."""
        match iri.removeprefix(f"{self.address}/xapi/courses/").split("/"):
            case [course] if course and course != iri:
                return unquote(course), ""
            case [course, "activities", name] if course and name:
                return unquote(course), unquote(name)
            case _:
                return None


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def _activity(iri: str, kind: str) -> dict[str, Any]:
    return {"objectType": "Activity", "id": iri, "definition": {"type": kind}}


def _result(row: dict[str, Any]) -> dict[str, Any]:
    """Seconds as an ISO 8601 duration; of a grade, thousandths of a point as points."""
    if "score" not in row:
        return {"duration": f"PT{row['duration_s']}S"}
    raw, most = row["score"] / 1000, row["score_max"] / 1000
    score: dict[str, float] = {"raw": raw, "min": 0.0, "max": most}
    return {
        "score": score | ({"scaled": raw / most} if most else {}),
        "success": bool(row["passed"]),
        "completion": True,
    }
