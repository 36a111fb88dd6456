"""Trainers' words, said while phones are away: a question is voided, a grade is overruled, an attempt is allowed.

The server may die while it says so to everybody; then it goes on where it was cut, since each learner is graded again
in a slice of her own (`one_at_a_time`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sqlmodel import Session

from conflict.grades import Word, said
from server.consumers.pace import Pace
from server.grading import saying
from server.grading.attempts import Sitting
from server.grading.rulings import Assessment
from server.grading.settling import NAME_CHARACTERS
from server.people.accounts import SignedIn
from server.shapes.grading import Decision, Voiding
from server.tables import Attempt, QuizKey, Role, Ruling
from tests.server.school import COURSE, OneQuiz
from tests.simulation.checks.replay import word_of
from tests.simulation.happenings.faults import OPERATIONS_MAX, Fault
from tests.simulation.machines.phones import Grade, Phone
from tests.simulation.machines.server import Server
from tests.simulation.story import holds
from tests.simulation.world import World

EXAM = "exam"
REASON = "It was asked wrongly."
DIES = 0.4  # of the words, the server dies under so many
CHANGE = "word != 'REJUDGED' and word != 'rejudged'"  # what the server noted by itself is nobody's word


@contextmanager
def one_at_a_time() -> Iterator[None]:
    with patch.object(Pace, "fitting", lambda _, __: 1):
        yield


def keys_of(organisation: str) -> QuizKey:
    return QuizKey(
        organisation_id=organisation, course_id=COURSE, number=1, activity_id=EXAM, quiz_object="", key=OneQuiz.key
    )


def voids(world: World, phone: Phone) -> None:
    """For everyone; or takes it back."""
    question, voided = world.random.choice(("q1", "q2")), world.random.random() < 0.7
    voiding = Voiding(question=question, voided=voided, release=world.random.choice((None, 1)), reason=REASON)
    where = Assessment(phone.organisation, COURSE, EXAM)
    says(
        world,
        f"question {question} of {phone.organisation} is {'voided' if voided else 'asked again'}",
        lambda session: saying.void(session, trainer_of(phone), where, voiding),
    )


def overrules(world: World, phone: Phone) -> None:
    """Whether one attempt counts."""
    attempts = world.server.rows(Attempt, "learner_id = ?", phone.learner)
    if not attempts:
        return
    one, counts = world.random.choice(attempts), world.random.random() < 0.5

    def decides(session: Session) -> None:
        attempt = saying.attempt(session, trainer_of(phone), phone.learner, one.hash.hex())
        decision = Decision(counts=counts, reason=REASON)
        saying.decide(session, trainer_of(phone), attempt, decision, world.server.quizzes)

    says(world, f"attempt {one.number} of {phone.learner} {'counts' if counts else 'counts no more'}", decides)


def speaks(world: World, phone: Phone) -> None:
    """Of all of one learner's attempts."""
    word, value = world.random.choice(
        ((Word.SCORE, 1_500), (Word.SCORE, None), (Word.EXCUSED, True), (Word.EXCUSED, False), (Word.EXTRA, 1))
    )
    sitting = Sitting(phone.organisation, phone.learner, COURSE, EXAM)
    says(
        world,
        f"of {phone.learner}'s exam: {word.value} {value}",
        lambda session: saying.speak(session, trainer_of(phone), sitting, word, value, REASON, world.server.quizzes),
    )


def trainer_of(phone: Phone) -> SignedIn:
    return SignedIn("trainer", phone.organisation, Role.TRAINER)


def says(world: World, what: str, say: Callable[[Session], object]) -> None:
    dies, operations = world.random.random() < DIES, world.random.randrange(OPERATIONS_MAX)
    world.tell(what + (f"; F1 power is cut after {operations} operations" if dies else ""))
    if dies:
        world.server.disk.cut_power_after(operations, world.random)
    with world.server.database.writing() as session:
        say(session)
    if world.server.disk.image is None:
        world.words |= set(words_at(world.server))
    world.quiet()
    if dies:
        world.server.crash()
        world.quiet()


def words_at(server: Server) -> list[str]:
    """Their ids."""
    return [row.id for row in server.rows(Ruling, CHANGE)]


TRAINERS = (
    Fault("", 8, voids),
    Fault("", 5, overrules),
    Fault("", 5, speaks),
)


def expect_words_heard(world: World) -> None:
    """I3: in the end every phone says of each attempt, and of the exam, what the server says."""
    for phone in world.phones:
        heard = phone.client.told(COURSE, EXAM)
        for row in world.server.rows(Attempt, "learner_id = ?", phone.learner):
            shown = heard.attempts.get(row.hash.hex()[:NAME_CHARACTERS])
            stands = Grade(row.score, bool(row.counts), bool(row.passed))
            holds("I3", shown == stands, f"{phone.name} shows attempt {row.number} as {shown} and not as {stands}")
        hers = world.server.rows(Ruling, f"learner_id = ? and {CHANGE}", phone.learner)
        stands_so = said(map(word_of, hers))
        holds("I3", heard.whole == stands_so, f"{phone.name} shows the exam as {heard.whole} and not as {stands_so}")
