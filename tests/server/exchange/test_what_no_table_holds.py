"""Texts and numbers that some database cannot keep: they go to a person, and whatever comes behind them goes on."""

from sqlalchemy import select

from server.tables import Attempt, AttemptState, DeviceContact, Quarantined
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.admission import Reason
from sync.codec import Op, encode
from sync.codec.change import Change
from sync.codec.leb import uleb
from sync.submissions import chain_of
from sync.wire import Frame, FrameKind, Header, Verdict, items_of, read_reply, statement, write_request
from tests.server.school import COURSE, School, attempt

NUL_IN_JSON = rb'{"course":"a\u0000","activity":"exam","release":1,"number":1,"started":1,"ended":2,"answers":{}}'


def change(op: Op, course: str = COURSE) -> bytes:
    name = course.encode()
    return uleb(len(name)) + name + encode(Change(bytes(range(16)), 1, 1, 0, (), (op,)))


def test_nul_never_reaches_a_table_and_never_stops_what_comes_behind(here: School) -> None:
    phone = here.device(here.learner())
    frames = (
        Frame(FrameKind.SUBMISSIONS, chain_of([NUL_IN_JSON, attempt().write()]).write()),
        Frame(FrameKind.MILESTONES, change(Op("s/a", 1), course="a\0")),
        Frame(FrameKind.PROGRESS, change(Op("n/a/1", "salt\0"))),
        Frame(FrameKind.EVENTS, rb'{"first":0,"course":"\u0000","activities":[],"rows":[]}'),
        Frame(FrameKind.STATUS, rb'{"app":"\u0000"}'),
    )
    header = Header(phone.key.device, 1, sent_at=now_ms())
    signature = phone.key.sign(statement(header.write(), items_of(frames)))

    reply = read_reply(here.carry(write_request(header, frames, signature)))
    here.settle()

    assert [(one.index, one.verdict, one.reason) for one in reply.verdicts] == [
        (place, Verdict.QUARANTINED, Reason.MALFORMED) for place in (1, 2, 3)
    ]
    assert {row.body for row in here.rows(Quarantined)} == {frame.content for frame in frames[1:4]}
    with here.database.engine.connect() as connection:
        states = connection.execute(select(table_of(Attempt).c.state).order_by(table_of(Attempt).c.chain)).scalars()
        assert list(states) == [AttemptState.REVIEW, AttemptState.GRADED]
    assert [row.app for row in here.rows(DeviceContact)] == [""]
