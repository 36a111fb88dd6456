"""Learners, within one organisation."""

from sqlmodel import Session

from server import errors
from server.people import upward
from server.shapes.learners import NewLearner
from server.tables import AdditionKind, Learner


def add(session: Session, organisation_id: str, new: NewLearner) -> Learner:
    learner = Learner(organisation_id=organisation_id, name=new.name.strip(), language=new.language)
    session.add(learner)
    session.flush()
    upward.note(session, AdditionKind.LEARNER, learner.id)
    return learner


def one(session: Session, organisation_id: str, learner_id: str) -> Learner:
    learner = session.get(Learner, learner_id)
    if learner is None or learner.organisation_id != organisation_id:
        raise errors.NotFound("learner", learner_id, "Go back to the list of learners.")
    return learner
