"""What a trainer says is kept, what it touches is judged anew, and whoever is concerned is told: one transaction, but
for a word about everyone's attempts, which are judged behind it (`server.grading.regrading`).

Each function checks that what it is about is there, says one word (`conflict.grades.Word`), and settles.
"""

import json
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from conflict.grades import Said, Word, said
from server import errors
from server.grading import regrading
from server.grading.attempts import Sitting
from server.grading.rulings import Assessment, Saying, about, say
from server.grading.settling import settle
from server.grading.source import QuizSource
from server.log.entries import append_server_entry
from server.people.accounts import SignedIn
from server.shapes.grading import Decision, Marks, Voiding
from server.tables import Attempt, QuizKey
from server.tables.ids import now_ms
from sync.wire import FrameKind


def attempt(session: Session, who: SignedIn, learner: str, digest: str) -> Attempt:
    """One attempt of this organisation, by the hash of its record in hexadecimal."""
    try:
        found = session.get(Attempt, (learner, bytes.fromhex(digest)))
    except ValueError:
        found = None
    if found is None or found.organisation_id != who.organisation_id:
        raise errors.NotFound("attempt", digest)
    return found


def give_marks(session: Session, who: SignedIn, to: Attempt, marks: Marks, quizzes: QuizSource) -> None:
    """Points for a free text, by its rubric."""
    quiz = quizzes.quiz(to.organisation_id, to.course_id, to.release, to.activity_id)
    rubric = quiz.key.get(marks.question, {}).get("rubric") if quiz else None
    if not rubric:
        raise errors.NotFound("question with a rubric", marks.question, "Only what a person reads is marked by one.")
    _check(marks, rubric)
    word = replace(_of(to, who, Word.MARKS, marks.criteria, marks.comment), question=marks.question)
    _say(session, word, quizzes, _sitting(to))


def _check(marks: Marks, rubric: list[dict[str, Any]]) -> None:
    most = {criterion["id"]: 1000 * criterion["points"] for criterion in rubric}
    if set(marks.criteria) != set(most):
        raise errors.DoesNotFit(f"Give points for each criterion: {', '.join(most)}.")
    for name, points in marks.criteria.items():
        if points > most[name]:
            raise errors.DoesNotFit(f"{name} has {most[name]} thousandths of a point at most.")


def decide(session: Session, who: SignedIn, about_it: Attempt, decision: Decision, quizzes: QuizSource) -> None:
    """Whether an attempt counts, whatever the rules said."""
    if about_it.graded_ms is None and decision.counts:
        raise errors.DoesNotFit("Its score is not known: give a score for the quiz instead.")
    _say(session, _of(about_it, who, Word.ACCEPTED, decision.counts, decision.reason), quizzes, _sitting(about_it))


def speak(
    session: Session, who: SignedIn, sitting: Sitting, word: Word, value: Any, reason: str, quizzes: QuizSource
) -> None:
    """A word about a whole assessment of one learner: a score, an excuse, more attempts."""
    _keys(session, sitting.assessment)
    saying = Saying(
        organisation_id=sitting.organisation,
        course_id=sitting.course,
        account_id=who.account_id,
        word=word,
        value=value,
        activity_id=sitting.activity,
        learner_id=sitting.learner,
        comment=reason,
    )
    _say(session, saying, quizzes, sitting)
    _tell(session, sitting)


def void(session: Session, who: SignedIn, where: Assessment, voiding: Voiding) -> int:
    """Voids a question, or takes that back; says how many attempts are graded again, behind this."""
    asked = [key for key in _keys(session, where) if voiding.release in (None, key.number)]
    if not any(voiding.question in key.key for key in asked):
        raise errors.NotFound("question", voiding.question, "Look at the quiz's results for its questions.")
    saying = Saying(
        organisation_id=where.organisation,
        course_id=where.course,
        account_id=who.account_id,
        word=Word.VOIDED,
        value=voiding.voided,
        activity_id=where.activity,
        question=voiding.question,
        release=voiding.release,
        comment=voiding.reason,
    )
    say(session.connection(), saying)
    return regrading.begin(session.connection(), where)


def _say(session: Session, saying: Saying, quizzes: QuizSource, sitting: Sitting) -> None:
    connection = session.connection()
    say(connection, saying)
    settle(connection, [sitting], quizzes)
    session.expire_all()  # what was written beside the mapper is read anew


def _of(attempt: Attempt, who: SignedIn, word: Word, value: Any, comment: str) -> Saying:
    return Saying(
        organisation_id=attempt.organisation_id,
        course_id=attempt.course_id,
        account_id=who.account_id,
        word=word,
        value=value,
        activity_id=attempt.activity_id,
        learner_id=attempt.learner_id,
        subject=attempt.hash.hex(),
        comment=comment,
    )


def _sitting(attempt: Attempt) -> Sitting:
    return Sitting(attempt.organisation_id, attempt.learner_id, attempt.course_id, attempt.activity_id)


def _keys(session: Session, where: Assessment) -> list[QuizKey]:
    """The quiz in every release that has it; raises `NotFound`."""
    found = session.exec(
        select(QuizKey)
        .where(
            QuizKey.organisation_id == where.organisation,
            QuizKey.course_id == where.course,
            QuizKey.activity_id == where.activity,
        )
        .order_by(col(QuizKey.number))
    ).all()
    if not found:
        raise errors.NotFound("graded quiz", where.activity, "Look at the course's results for its quizzes.")
    return list(found)


def standing_of(session: Session, sitting: Sitting) -> Said:
    words = about(session.connection(), [(sitting.assessment, sitting.learner)])
    return said(words.get((sitting.assessment, sitting.learner), ()))


def _tell(session: Session, sitting: Sitting) -> None:
    """What no attempt's grade can say, since there may be no attempt. It has no `submission`."""
    stands = standing_of(session, sitting)
    fields = {
        "course": sitting.course,
        "activity": sitting.activity,
        "state": "excused" if stands.excused else "standing",
        "score": stands.score,
        "extra": stands.extra,
        "at": now_ms(),
    }
    append_server_entry(
        session.connection(),
        organisation=sitting.organisation,
        learner=sitting.learner,
        course=sitting.course,
        kind=FrameKind.GRADE,
        body=json.dumps(fields, separators=(",", ":")).encode(),
    )
