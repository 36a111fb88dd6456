"""The machine's grading of one submission, on the release that it was made at: an attempt's row."""

from conflict.windows import Held, Times, Window, held
from server.grading.attempts import Marked
from server.grading.source import Mark, Quiz
from server.log.entries import Logged
from server.tables import AttemptState
from server.tables.ids import now_ms
from sync.errors import SyncError
from sync.submissions import Submission, read_object

ANCHOR_MS_MAX = 2**43  # the year 2248; beyond it somebody jests


def graded(entry: Logged, submission: Submission, quiz: Quiz) -> Marked:
    why = _held(entry, submission, quiz)
    marks = quiz.grade(submission.answers)
    return _marked(entry, submission, AttemptState.WAITING, why.value if why else "", marks, now_ms())


def ungraded(entry: Logged, submission: Submission, reason: str) -> Marked:
    """An attempt that only a person can make sense of."""
    return _marked(entry, submission, AttemptState.REVIEW, reason, (), None)


def _held(entry: Logged, submission: Submission, quiz: Quiz) -> Held | None:
    opens, closes = quiz.content.get("opens"), quiz.content.get("closes")
    if opens is None and closes is None:
        return None
    received = entry.received_ms // 1000
    return held(Times(submission.started, submission.ended, received, _anchor(entry.body)), Window(opens, closes))


def _anchor(record: bytes) -> tuple[int, int] | None:
    """Seconds; what the phone noted in `anchor` as milliseconds, where it is such a pair."""
    try:
        said = read_object(record, "a submission").get("anchor")
    except SyncError:
        return None
    if not isinstance(said, list) or len(said) != 2 or not all(_is_time(part) for part in said) or not said[0]:
        return None
    return said[0] // 1000, said[1] // 1000


def _is_time(part: object) -> bool:
    return type(part) is int and 0 <= part <= ANCHOR_MS_MAX


def _marked(
    entry: Logged,
    submission: Submission,
    state: AttemptState,
    reason: str,
    marks: tuple[Mark, ...],
    graded_ms: int | None,
) -> Marked:
    return Marked(
        organisation_id=entry.organisation_id,
        learner_id=entry.learner_id,
        course_id=submission.course,
        activity_id=submission.activity,
        hash=entry.hash,
        release=submission.release,
        number=submission.number,
        device_id=entry.device_id,
        profile=entry.profile,
        chain=entry.seq,
        started_s=submission.started,
        ended_s=submission.ended,
        received_ms=entry.received_ms,
        state=state,
        reason=reason,
        score=sum([mark.item.points for mark in marks]),
        score_max=sum([mark.item.max for mark in marks]),
        passed=False,
        counts=False,
        questions=marks,
        graded_ms=graded_ms,
        answers=submission.answers,
    )
