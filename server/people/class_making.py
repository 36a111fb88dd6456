"""A whole class is made in one go: everyone or, when something does not fit, nobody.

A name that is here already makes nobody unless the trainer says that she is another person: so a list that is sent
twice, because the reply was lost, makes nobody twice.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from server.courses.outline import Outlines
from server.database import Database
from server.people import class_list, enrolling, learners
from server.people.inviting import FreshCode, Inviting
from server.people.names import alike
from server.shapes.class_lists import (
    SAME_NAME_MAX,
    ClassMember,
    ClassPreview,
    CodeCard,
    CodeSheet,
    ListedLearner,
    Namesake,
    NewClass,
    OddLine,
)
from server.shapes.common import Named
from server.shapes.learners import NewLearner
from server.tables import Course, Enrolment, Learner


@dataclass(frozen=True, slots=True)
class ClassMaking:
    inviting: Inviting
    outlines: Outlines

    def preview(self, session: Session, organisation_id: str, text: str) -> ClassPreview:
        """Who would be made, who is here already, and which lines are odd. Nothing is changed."""
        read = class_list.read(text, class_list.called(_courses(session, organisation_id)))
        here = _by_name(session, organisation_id)
        first: dict[str, int] = {}
        listed = []
        for one in read.listed:
            name = alike(one.name)
            namesakes = [self._namesake(session, learner) for learner in here.get(name, ())[:SAME_NAME_MAX]]
            before = first.setdefault(name, one.line)
            twice = before if before != one.line else None
            listed.append(
                ListedLearner(
                    line=one.line,
                    name=one.name,
                    language=one.language,
                    courses=list(one.courses),
                    namesakes=namesakes,
                    twice=twice,
                )
            )
        return ClassPreview(
            listed=listed, odd=[OddLine.model_validate(one) for one in read.odd], unread=list(read.unread)
        )

    def make(self, database: Database, organisation_id: str, new: NewClass) -> CodeSheet:
        """Raises `NotFound` for a course or a learner, and `OnlyUpstream`; then nobody was made."""
        codes = [self.inviting.fresh(organisation_id) for _ in new.members]  # slow, so before anybody waits for it
        with database.writing() as session:
            return self._make(session, organisation_id, new, codes)

    def _make(self, session: Session, organisation_id: str, new: NewClass, codes: Sequence[FreshCode]) -> CodeSheet:
        here = set(_by_name(session, organisation_id))
        cards, left_out = [], []
        for member, code in zip(new.members, codes, strict=True):
            name = alike(member.name)
            if name in here and not member.same_as and not member.another:
                left_out.append(member.name)
                continue
            here.add(name)
            cards.append(self._card(session, organisation_id, member, new.courses, code))
        return CodeSheet(cards=cards, left_out=left_out)

    def _card(
        self, session: Session, organisation_id: str, member: ClassMember, courses: Sequence[str], code: FreshCode
    ) -> CodeCard:
        learner = _whom(session, organisation_id, member)
        enrolling.enrol(session, learner, [*courses, *member.courses], self.outlines)
        invitation = self.inviting.give(session, learner, code)
        told = Named(id=learner.id, name=learner.name)
        return CodeCard(learner=told, is_new=not member.same_as, invitation=invitation)

    def _namesake(self, session: Session, learner: Learner) -> Namesake:
        enrolled = select(Enrolment.course_id).where(Enrolment.learner_id == learner.id)
        return Namesake(
            id=learner.id,
            name=learner.name,
            courses=sorted(session.exec(enrolled)),
            may_invite=self.inviting.may_invite(session, learner.id),
        )


def _whom(session: Session, organisation_id: str, member: ClassMember) -> Learner:
    if member.same_as:
        return learners.one(session, organisation_id, member.same_as)
    return learners.add(session, organisation_id, NewLearner(name=member.name, language=member.language))


def _courses(session: Session, organisation_id: str) -> dict[str, dict[str, str]]:
    return {one.id: one.title for one in session.exec(select(Course).where(Course.organisation_id == organisation_id))}


def _by_name(session: Session, organisation_id: str) -> dict[str, list[Learner]]:
    """Everyone, whoever came first before the others."""
    everyone = select(Learner).where(Learner.organisation_id == organisation_id)
    found: defaultdict[str, list[Learner]] = defaultdict(list)
    for learner in session.exec(everyone.order_by(col(Learner.created_ms), col(Learner.id))):
        found[alike(learner.name)].append(learner)
    return dict(found)
