"""Small course folders to pack."""

import copy
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

QUIZ: dict[str, Any] = {
    "kind": "graded",
    "pass_mark": 50,
    "attempts": 2,
    "questions": [
        {
            "id": "q1",
            "kind": "single_choice",
            "prompt": {"en": "Which?", "ar": "أيّ؟"},
            "choices": [
                {"id": "a", "text": "One", "correct": True, "feedback": "The secret of the key"},
                {"id": "b", "text": "Two"},
            ],
        },
        {"id": "q2", "kind": "numeric", "prompt": "How many?", "answer": "37.5", "tolerance": "0.5"},
    ],
}
COURSE: dict[str, Any] = {
    "id": "small",
    "title": {"en": "Small", "ar": "صغير"},
    "languages": ["en", "ar"],
    "licence": "CC-BY-4.0",
    "lessons": [
        {
            "id": "one",
            "title": "One",
            "activities": [
                {"id": "page", "kind": "page", "title": "Page", "source": {"en": "pages/a.md", "ar": "pages/b.md"}},
                {"id": "exam", "kind": "quiz", "title": "Exam", "source": "quizzes/exam.yaml"},
                {"id": "sheet", "kind": "resource", "title": "Sheet", "tier": "supplementary", "source": "sheet.txt"},
            ],
        }
    ],
}


def course_folder(folder: Path, **changes: Any) -> Path:
    """A course of a page in two languages with a picture, a graded quiz, and a file."""
    for name in ("pages", "quizzes", "pictures"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "pages" / "a.md").write_text("# Hello\n\n![A red tap](../pictures/tap.png)\n")
    (folder / "pages" / "b.md").write_text("# مرحبا\n")
    Image.new("RGB", (1000, 500), "red").save(folder / "pictures" / "tap.png")
    (folder / "sheet.txt").write_text("to print")
    write_yaml(folder / "quizzes" / "exam.yaml", QUIZ)
    write_yaml(folder / "course.yaml", {**copy.deepcopy(COURSE), **changes})
    return folder


def write_yaml(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
