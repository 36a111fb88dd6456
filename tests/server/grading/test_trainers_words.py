"""What trainers overrule and decide, replayed: the log and the trainers' words alone give back the live state."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import SQLModel

from conflict.grades import Word
from conflict.record import Settled, outcome
from conflict.rules import LessonState, Survivor
from server import errors
from server.consumers.values import read_raw, stored
from server.grading import saying
from server.grading.attempts import Sitting
from server.grading.overruling import overrule
from server.grading.rulings import Assessment, ruling_of
from server.people.accounts import SignedIn
from server.shapes.grading import Decision, Voiding
from server.tables import Account, Attempt, ConflictRecord, ConsumerCursor, LogEntry, QuizKey, Role, Ruling
from server.tables import Survivor as SurvivorRow
from server.tables.core import table_of
from sync.client import Replica
from sync.codec import decode
from sync.wire import FrameKind
from tests.server.exchange.test_two_devices import read_on_server, two_phones, work_apart
from tests.server.school import COURSE, NOW_S, OneQuiz, School, attempt

QUIZZES = OneQuiz()
_names = count()


def trainer(here: School) -> SignedIn:
    account = Account(
        organisation_id=here.organisation.id,
        name=f"grace-{next(_names)}",
        display_name="Grace",
        password_hash="-",
        role=Role.TRAINER,
    )
    with here.database.writing() as session:
        session.add(account)
    return SignedIn(account.id, here.organisation.id, Role.TRAINER)


def met(here: School) -> tuple[Replica, Replica]:
    """Two phones that worked apart and have heard of each other."""
    phones = two_phones(here)
    work_apart(*phones)
    for phone in (*phones, phones[0]):
        here.exchange(phone)
    here.settle()
    return phones


def record_of(here: School, key: str) -> Any:
    [record] = [row for row in here.rows(ConflictRecord) if row.key == key]
    return record


def choose(here: School, who: SignedIn, key: str, wanted: Any) -> None:
    """Overrules in favour of the value that reads as `wanted`."""
    record = record_of(here, key)
    place = [one["value"] for one in record.survivors].index(wanted)
    with here.database.writing() as session:
        overrule(session, who, record.id, place, "She told me.")
    here.settle()


def settled_of(record: Any) -> Settled:
    survivors = [
        Survivor(one["counter"], bytes.fromhex(one["actor"]), read_raw(one["raw"])) for one in record.survivors
    ]
    return Settled(record.id, record.key, record.rule, record.rule_version, survivors)


def test_every_record_gives_its_outcome_again_and_that_is_what_stands(here: School) -> None:
    met(here)
    records = here.rows(ConflictRecord)
    assert len(records) == 4
    for record in records:
        again = outcome(settled_of(record))
        assert stored(again) == record.outcome, record.key
        assert again == read_on_server(here, record.key).value, record.key


def test_what_a_trainer_overrules_reaches_every_phone_and_stands_in_the_record(here: School) -> None:
    first, second = met(here)
    who = trainer(here)

    choose(here, who, "s/lecture", LessonState.IN_PROGRESS)
    choose(here, who, "n/lecture/n1", "Boil, ask Grace")
    for phone in (first, second):
        here.exchange(phone)

    for replica in (first, second):
        assert replica.read(COURSE, "s/lecture").value == LessonState.IN_PROGRESS
        assert replica.read(COURSE, "n/lecture/n1").value == ("Boil, ask Grace",)
    words = [ruling_of(row) for row in here.rows(Ruling)]
    for key in ("s/lecture", "n/lecture/n1", "p/lecture", "w/lecture"):
        assert outcome(settled_of(record_of(here, key)), words) == read_on_server(here, key).value, key


def test_an_overruling_builds_on_everything_that_it_replaces(here: School) -> None:
    """Or a phone could take it in before one of the values that met, which would then stand again."""
    met(here)
    who = trainer(here)
    key = "n/lecture/n1"
    choose(here, who, key, "Boil, ask Grace")
    *before, overruling = [row for row in here.rows(LogEntry) if row.kind == FrameKind.PROGRESS]
    authors = {bytes.fromhex(one["actor"]) for one in record_of(here, key).survivors}
    newest = {row.actor: row.hash for row in before}
    assert set(decode(overruling.body).deps) == {newest[author] for author in authors}
    assert len(authors) == 2


def test_a_trainer_of_another_organisation_overrules_nothing_here(here: School) -> None:
    met(here)
    stranger = replace(trainer(here), organisation_id="another")
    with pytest.raises(errors.NotFound), here.database.writing() as session:
        overrule(session, stranger, record_of(here, "n/lecture/n1").id, 0, "Ours too.")
    assert here.rows(Ruling) == []


def test_a_trainer_may_change_her_mind_and_both_words_are_kept(here: School) -> None:
    first, _ = met(here)
    who = trainer(here)
    choose(here, who, "n/lecture/n1", "Boil, ask Grace")
    choose(here, who, "n/lecture/n1", "Boil for one minute")
    here.exchange(first)
    assert first.read(COURSE, "n/lecture/n1").value == ("Boil for one minute",)
    assert len(here.rows(Ruling)) == 2


def test_what_the_learner_has_joined_herself_is_not_overruled(here: School) -> None:
    first, _ = met(here)
    first.note(COURSE, "lecture", "n1", "Boil for one minute, ask Grace")
    here.exchange(first)
    here.settle()
    who = trainer(here)
    with pytest.raises(errors.Superseded):
        choose(here, who, "n/lecture/n1", "Boil, ask Grace")
    with pytest.raises(errors.DoesNotFit), here.database.writing() as session:
        overrule(session, who, record_of(here, "n/lecture/n1").id, 2, "There are two.")
    assert here.rows(Ruling) == []


def test_a_phone_that_writes_meanwhile_meets_the_trainers_word_as_any_other(here: School) -> None:
    first, second = met(here)
    who = trainer(here)
    choose(here, who, "n/lecture/n1", "Boil, ask Grace")
    second.note(COURSE, "lecture", "n1", "Boil, then cool")
    here.exchange(second)
    here.exchange(first)
    assert set(first.read(COURSE, "n/lecture/n1").value) == {"Boil, ask Grace", "Boil, then cool"}


def test_a_late_arrival_changes_no_grade_silently(here: School) -> None:
    """Two attempts count; then comes the tablet's own first one, which was begun before the second."""
    amina = here.learner()
    phone, tablet = here.device(amina), here.device(amina)
    for number in (1, 2):
        phone.submit(attempt(number, started=NOW_S + 600 * number))
        here.exchange(phone)
    here.settle()
    assert here.rows(Ruling) == [], "what comes in order changes nothing that was said"

    tablet.submit(attempt(1, started=NOW_S))
    here.exchange(tablet)
    here.settle()

    [noted] = here.rows(Ruling)
    [second] = [row for row in here.rows(Attempt) if row.number == 2]
    assert (noted.word, noted.value) == ("rejudged", {"from": "graded", "to": "excess"})
    assert (noted.subject, noted.account_id) == (second.hash.hex(), "")
    forget(here)
    here.settle()
    assert len(here.rows(Ruling)) == 1


def test_log_and_words_alone_give_back_the_live_state(here: School) -> None:
    """I14: the read models are dropped, and made again from the first entry on; the record stays as it was."""
    first, second = met(here)
    who = trainer(here)
    choose(here, who, "s/lecture", LessonState.IN_PROGRESS)
    for place, phone in enumerate((first, second, first)):
        phone.submit(attempt(place + 1, right=place == 2, started=NOW_S + 60 * place))
        here.exchange(phone)
    here.settle()
    speak_of_attempts(here, who)
    live = [seen(here, model) for model in (SurvivorRow, Attempt, ConflictRecord)]

    forget(here)
    here.settle()

    assert [seen(here, model) for model in (SurvivorRow, Attempt, ConflictRecord)] == live
    assert {row.state.value for row in here.rows(Attempt)} == {"graded", "refused"}


def speak_of_attempts(here: School, who: SignedIn) -> None:
    newest, *_, oldest = sorted(here.rows(Attempt), key=lambda row: -row.number)
    sitting = Sitting(here.organisation.id, newest.learner_id, COURSE, "exam")
    with here.database.writing() as session:
        key = QuizKey(
            organisation_id=here.organisation.id,
            course_id=COURSE,
            number=1,
            activity_id="exam",
            quiz_object="-",
            key=OneQuiz.key,
        )
        session.add(key)
        session.flush()
        voiding = Voiding(question="q1", reason="Its picture was missing.")
        saying.void(session, who, Assessment(here.organisation.id, COURSE, "exam"), voiding)
        saying.speak(session, who, sitting, Word.EXTRA, 1, "A power cut.", QUIZZES)
        saying.speak(session, who, sitting, Word.SCORE, 1700, "Shown in practice.", QUIZZES)
        refused = saying.attempt(session, who, oldest.learner_id, oldest.hash.hex())
        saying.decide(session, who, refused, Decision(counts=False, reason="Copied."), QUIZZES)


def forget(here: School) -> None:
    """Drops what consumers made, but for the record of conflicts, and sets them to the log's beginning."""
    with here.database.writing() as session:
        for model in (SurvivorRow, Attempt):
            session.connection().execute(delete(table_of(model)))
        session.connection().execute(update(table_of(ConsumerCursor)).values(position=0))


def seen(here: School, model: type[SQLModel]) -> list[tuple[Any, ...]]:
    """Its rows without the moments at which the server made them."""
    table = table_of(model)
    columns = [column for column in table.columns if column.name not in ("graded_ms", "settled_ms")]
    with here.database.engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
