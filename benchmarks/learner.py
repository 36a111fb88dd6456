"""The week of work that every peer was measured on, done by the reference client."""

import importlib.util
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from conflict.rules import LessonState
from sync.client import Replica
from sync.submissions import Submission

COURSE = "bench"
WORKLOAD = Path(__file__).parent.parent.parent / "shared" / "bench" / "workload.py"
NOTE_CHARACTERS = 8  # of a note's id: one learner's notes at one lesson are few
STATES = {"in_progress": LessonState.IN_PROGRESS, "completed": LessonState.COMPLETED}


def week(seed: int, days: int = 5) -> Iterator[dict[str, Any]]:
    """The workload's events; it lies beside the project, or where TIFFIN_WORKLOAD points."""
    path = Path(os.environ.get("TIFFIN_WORKLOAD", WORKLOAD))
    if "workload" not in sys.modules:
        spec = importlib.util.spec_from_file_location("workload", path)
        if spec is None or spec.loader is None or not path.is_file():
            raise SystemExit(f"the workload is not at {path}; set TIFFIN_WORKLOAD")
        sys.modules["workload"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["workload"])
    yield from sys.modules["workload"].week(seed, days)


def do(replica: Replica, events: Iterable[dict[str, Any]]) -> None:
    """Does the work on a replica, as the app does it."""
    sittings: dict[str, dict[str, Any]] = defaultdict(lambda: {"answers": {}, "took": [], "started": 0})
    for event in events:
        seconds = event["t"] // 1000
        match event["type"]:
            case "lesson.state":
                replica.reach(COURSE, event["lesson"], STATES[event["state"]])
            case "video.position":
                replica.watch(COURSE, event["lesson"], [tuple(event["played"])])
                replica.place(COURSE, event["lesson"], event["position_s"], seconds)
            case "quiz.answer":
                sitting = sittings[event["attempt"]]
                sitting["started"] = sitting["started"] or seconds
                sitting["answers"][f"q{event['question']}"] = event["answer"]
                sitting["took"].append(event["elapsed_ms"] // 100)
            case "quiz.submit":
                hand_in(replica, event["quiz"], seconds, sittings.pop(event["attempt"]))
            case "note.put":
                replica.note(COURSE, event["lesson"], event["note"][:NOTE_CHARACTERS], event["text"])
            case "bookmark.put":
                replica.bookmark(COURSE, event["lesson"], event["position_s"])


def hand_in(replica: Replica, quiz: str, seconds: int, sitting: dict[str, Any]) -> None:
    took = tuple(sitting["took"])
    replica.submit(Submission(COURSE, quiz, 1, 1, sitting["started"], seconds, sitting["answers"], took))
