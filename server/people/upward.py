"""What is added to people at a hub is noted, in the same transaction, to be handed on to the upstream.

Elsewhere nothing is noted: the word of a server that is no hub needs no handing on.
"""

from sqlmodel import Session, select

from server.tables import AdditionKind, HubAddition, Upstream


def upstream_of(session: Session) -> Upstream | None:
    """The server above this one; None where this is no hub."""
    return session.get(Upstream, 1)


def is_hub(session: Session) -> bool:
    return upstream_of(session) is not None


def note(session: Session, kind: AdditionKind, learner_id: str, subject: str = "") -> None:
    """`subject`: see `HubAddition`."""
    if is_hub(session):
        session.add(HubAddition(kind=kind, learner_id=learner_id, subject=subject))
        session.flush()


def was_added_here(session: Session, learner_id: str) -> bool:
    here = (HubAddition.learner_id == learner_id, HubAddition.kind == AdditionKind.LEARNER)
    return session.exec(select(HubAddition.id).where(*here)).first() is not None
