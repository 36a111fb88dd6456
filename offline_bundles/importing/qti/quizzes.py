"""A quiz as a QTI document holds it, before it has its place in a course; and its activities once it has one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from offline_bundles.course.quizzes import ATTEMPTS_MAX, QUESTIONS_MAX
from offline_bundles.importing.imported import Activity, Finding, Page, Question, Quiz
from offline_bundles.importing.qti.asking import Files, Quizzing
from offline_bundles.importing.questions import Names, shortened

ITEMS_MAX = 10_000  # of one document; the largest banks have some thousand
TITLE_CHARACTERS_MAX = 200


@dataclass(slots=True)
class Shelved:
    """What one import shares between its documents: files, findings, and the names of activities.

    `asked`: items of question banks that a quiz has asked already, by the ident that Canvas gives them there.
    """

    files: Files
    findings: list[Finding] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    asked: set[str] = field(default_factory=set)

    def quizzing(self, base: str = "") -> Quizzing:
        """`base`: the document's folder."""
        return Quizzing(self.files.at(base), self.findings, page_name=lambda title: self.names.new(title, "text"))


@dataclass(frozen=True, slots=True)
class ReadQuiz:
    """`attempts`: None for no limit, and for a quiz that is not graded. `pages` stand before it."""

    ident: str
    title: str
    questions: tuple[Question, ...]
    pages: tuple[Page, ...] = ()
    graded: bool = False
    attempts: int | None = None
    policy: str = "best"


def activities_of(read: ReadQuiz, names: Names, name_of: Callable[[ReadQuiz], str] | None = None) -> list[Activity]:
    """Its pages, and its questions in quizzes that are no larger than a quiz may be."""
    found: list[Activity] = list(read.pages)
    parts = [read.questions[at : at + QUESTIONS_MAX] for at in range(0, len(read.questions), QUESTIONS_MAX)]
    title = shortened(read.title, TITLE_CHARACTERS_MAX) or "Quiz"
    for number, part in enumerate(parts, 1):
        name = name_of(read) if name_of and number == 1 else names.new(title, "quiz")
        shown = title if len(parts) == 1 else f"{title} ({number})"
        attempts = read.attempts if read.graded else None
        found.append(Quiz(name, shown, part, graded=read.graded, attempts=attempts, policy=read.policy))
    return found


def attempts_of(written: str) -> int | None:
    """How often it may be taken: a number, or any word (or -1) for without end."""
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0
    return min(number, ATTEMPTS_MAX) or None
