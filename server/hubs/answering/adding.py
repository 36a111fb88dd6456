"""Who was enrolled at a hub, taken at the upstream: learners, enrolments, and the digests of codes.

A hub adds and never changes: a name that is here already makes another learner, whom an administrator is shown beside
her namesake. Each addition is checked by itself and done once, by the name that the hub gave it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func
from sqlmodel import Session, col, select

from server import errors
from server.courses.outline import Outlines
from server.hubs.answering import registry
from server.keys import KeyRing
from server.log.entries import lock_log
from server.people import enrolling, upward
from server.people.inviting import Inviting
from server.people.names import alike
from server.shapes.hubs import Added, AddedCode, AddedEnrolment, AddedLearner, Answered
from server.shapes.learners import EnrolmentChange
from server.tables import AdditionKind, Hub, HubAdded, Learner

ADDITIONS_OF_A_HUB_MAX = 50_000  # in its life: ten thousand learners; what adds more is no trainer
ADDED: TypeAdapter[Added] = TypeAdapter(Added)


class Refusal(Exception):
    """Why one addition is not taken; `code` is what the hub is told and shows."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Adding:
    """One hub's request, in the transaction that takes it."""

    session: Session
    hub: Hub
    inviting: Inviting
    outlines: Outlines
    keys: KeyRing

    def take(self, additions: Sequence[Any]) -> list[Answered]:
        """An answer for each, in order: an empty code for what is durable here."""
        if upward.is_hub(self.session):
            raise errors.OnlyUpstream("This server is a hub itself, and takes nobody from another. Enrol her here.")
        lock_log(self.session.connection())  # a round by hand beside the server's own brings the same
        return [Answered(code=self._take(one)) for one in additions]

    def _take(self, told: Any) -> str:
        try:
            addition = ADDED.validate_python(told)
            if not self._is_done(addition):
                namesake = self._add(addition)
                self._note(addition, namesake)
        except ValidationError:
            return "does_not_fit"
        except Refusal as refusal:
            return refusal.code
        return ""

    def _add(self, addition: Added) -> str:
        if self._count >= ADDITIONS_OF_A_HUB_MAX:
            raise Refusal("too_many")
        if isinstance(addition, AddedLearner):
            return self._add_learner(addition)
        if isinstance(addition, AddedEnrolment):
            self._enrol(addition)
        else:
            self._add_code(addition)
        return ""

    def _add_learner(self, addition: AddedLearner) -> str:
        """Gives who has her name already."""
        if self.session.get(Learner, addition.learner):
            raise Refusal("already_there")
        namesake = self._names.setdefault(alike(addition.full_name), addition.learner)
        new = Learner(
            id=addition.learner,
            organisation_id=self.hub.organisation_id,
            name=addition.full_name.strip(),
            language=addition.language,
        )
        self.session.add(new)
        self.session.flush()
        return namesake if namesake != addition.learner else ""

    def _enrol(self, addition: AddedEnrolment) -> None:
        learner = self._learner(addition.learner)
        try:
            change = EnrolmentChange(course=addition.course, on=True)
            enrolling.change(self.session, learner, change, self.outlines)
        except errors.NotFound as error:
            raise Refusal("unknown_course") from error

    def _add_code(self, addition: AddedCode) -> None:
        learner = self._learner(addition.learner)
        if not self._is_its_own(learner):
            raise Refusal("not_its_learner")  # or a hub could let in a phone of its own as anybody
        if addition.digest in self._codes:
            raise Refusal("already_there")  # or it could let a phone that shows it join as somebody else
        try:
            self.inviting.take_from_hub(self.session, self.hub.id, learner, addition.digest, addition.seconds_left)
        except errors.AlreadyThere as error:
            raise Refusal("already_there") from error

    def _learner(self, learner_id: str) -> Learner:
        learner = self.session.get(Learner, learner_id)
        if learner is None or learner.organisation_id != self.hub.organisation_id:
            raise Refusal("unknown_learner")
        return learner

    def _is_its_own(self, learner: Learner) -> bool:
        by_it = (HubAdded.hub_id == self.hub.id, HubAdded.learner_id == learner.id)
        query = select(HubAdded.id).where(*by_it, HubAdded.kind == AdditionKind.LEARNER)
        return self.session.exec(query).first() is not None

    def _is_done(self, addition: Added) -> bool:
        query = select(HubAdded.id).where(HubAdded.hub_id == self.hub.id, HubAdded.name == addition.name)
        return self.session.exec(query).first() is not None

    def _note(self, addition: Added, namesake: str) -> None:
        subject = {AdditionKind.ENROLMENT: "course", AdditionKind.CODE: "digest"}.get(addition.kind, "")
        self.session.add(
            HubAdded(
                organisation_id=self.hub.organisation_id,
                hub_id=self.hub.id,
                name=addition.name,
                kind=addition.kind,
                learner_id=addition.learner,
                subject=getattr(addition, subject, ""),
                namesake_id=namesake,
            )
        )
        self.session.flush()
        self._count += 1

    @cached_property
    def _count(self) -> int:
        return self.session.exec(select(func.count()).where(col(HubAdded.hub_id) == self.hub.id)).one()

    @cached_property
    def _names(self) -> dict[str, str]:
        """Everyone by name: asked once a request, and only when it brings somebody new."""
        everyone = select(Learner.id, Learner.name).where(Learner.organisation_id == self.hub.organisation_id)
        return {alike(name): learner for learner, name in self.session.exec(everyone)}

    @cached_property
    def _codes(self) -> set[str]:
        """Those that were open when this request came."""
        return {one["digest"] for one in registry.codes(self.session, self.hub.organisation_id, self.keys)}
