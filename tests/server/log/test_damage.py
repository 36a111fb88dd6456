"""A disk altered old history: it is found, holds up only who needs those weeks, and is put back."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from server.database import Database
from server.errors import SegmentDamaged
from server.hubs.answering import entries as hub_entries
from server.log.auditing import SEGMENTS_MAX, Audit, Audits, progress
from server.log.entries import LOG, entries_after
from server.log.healing import Healed, Tables, heal_all
from server.log.quarantine import Released, release
from server.log.segments import bodied, salvage, unpack
from server.tables import Damage, LogEntry, Quarantined, Segment
from server.tables.core import table_of
from server.tables.ids import now_ms
from sync.wire import read_reply
from tests.server.log.test_compacting import WEEKS, compact, read_models, told, weeks
from tests.server.school import School, attempt
from tests.services.tables import lay_tables

LOOKS_MAX = 30_000  # half a minute: the writer comes to it when nobody has come for a moment
TABLES = (table_of(LogEntry), table_of(Segment))


@contextmanager
def writing(here: School) -> Iterator[Connection]:
    with here.database.writing() as session:
        yield session.connection()


def alter(here: School, number: int, at: float = 0.5) -> None:
    """One bit of a segment, as a disk does."""
    with here.database.writing() as session:
        segment = session.get_one(Segment, number)
        content = bytearray(segment.content)
        content[int(len(content) * at)] ^= 1
        segment.content = bytes(content)


def lose(here: School, number: int) -> None:
    """All of a segment."""
    with here.database.writing() as session:
        session.get_one(Segment, number).content = b"\0" * 100


def audit(here: School) -> Audit:
    done = Audit()
    while not done.is_over:
        with writing(here) as connection:
            done.step(connection)
    return done


def copied(here: School, to: Path) -> Database:
    """What a backup of this moment has of the log."""
    path = to / "backup" / "tiffin.db"
    lay_tables(path)
    database = Database(f"sqlite:///{path}")
    with here.database.engine.connect() as reading, database.writing() as session:
        for table in TABLES:
            for row in reading.execute(table.select()):
                session.connection().execute(table.insert(), [row._asdict()])
    return database


def healed(here: School, source: Database) -> list[Healed]:
    with source.engine.connect() as there:
        return list(heal_all(here.database.engine, Tables(there)))


def lost(here: School) -> list[tuple[int, int]]:
    return [(row.segment_id, row.lost) for row in here.rows(Damage)]


def positions(here: School, learner: str) -> list[int]:
    return sorted(row.position for row in here.rows(LogEntry) if row.learner_id == learner)


def test_who_needs_those_weeks_is_told_what_stands_before_and_goes_on_once_they_are_healed(
    here: School, tmp_path: Path
) -> None:
    amina, beauty = here.learner(), here.learner("Beauty")
    phone = here.device(amina)
    weeks(here, phone, 2)
    compact(here)
    weeks(here, phone, 3)
    weeks(here, here.device(beauty), 2)
    compact(here)
    new, another = here.device(amina), here.device(beauty)
    whole = told(here, new)
    first, second = (row for row in here.rows(Segment) if row.learner_id == amina.id)
    with closing(copied(here, tmp_path)) as backup:
        lose(here, second.id)
        new.submit(attempt(9))

        reply = here.exchange(new)

        assert first.last_position <= new.cursor < second.last_position
        assert 0 < len(reply.frames) < len(whole.frames), "all before it, and nothing that builds on what is lost"
        assert not reply.more
        assert new.outbox.records_acknowledged == 1, "what she brings is taken and acknowledged"
        assert len(told(here, another).frames) > 0, "nobody else is held up"
        here.exchange(phone)
        assert read_reply(here.carry(phone.request(now_ms()))).more is False, "nor is who has them"

        audit(here)
        healed(here, backup)

    rest = here.exchange(new)
    assert [*reply.frames, *rest.frames][: len(whole.frames)] == list(whole.frames)


def test_a_segment_that_a_phone_met_is_noted_without_waiting_for_the_next_audit(here: School) -> None:
    amina = here.learner()
    weeks(here, here.device(amina))
    compact(here)
    [segment] = here.rows(Segment)
    lose(here, segment.id)

    here.exchange(here.device(amina))

    found = next(filter(None, (lost(here) for _ in range(LOOKS_MAX))))
    assert found == [(segment.id, segment.entries)]


def test_a_hub_is_told_what_stands_before_and_goes_on_once_it_is_healed(here: School, tmp_path: Path) -> None:
    for name in ("Amina", "Beauty"):
        weeks(here, here.device(here.learner(name)))
    compact(here)
    second = max(here.rows(Segment), key=lambda row: row.first_position)

    def page(cursor: int) -> dict[str, Any]:
        with here.database.engine.connect() as connection:
            return hub_entries.page(connection, here.organisation.id, cursor)

    whole = page(0)
    with closing(copied(here, tmp_path)) as backup:
        lose(here, second.id)
        before = page(0)
        audit(here)
        healed(here, backup)

    assert 0 < len(before["entries"]) < len(whole["entries"])
    assert (before["cursor"] < second.last_position, before["more"]) == (True, False)
    assert before["entries"] + page(before["cursor"])["entries"] == whole["entries"]


def test_an_audit_reads_everything_and_finds_what_a_disk_altered(here: School) -> None:
    for name in ("Amina", "Beauty", "Chipo"):
        weeks(here, here.device(here.learner(name)))
    compact(here)
    assert (audit(here).segments, lost(here)) == (3, []), "what is whole is not taken for damaged"

    altered = here.rows(Segment)[1]
    alter(here, altered.id)
    audit(here)

    [(segment, count)] = lost(here)
    assert (segment, 0 < count <= altered.entries) == (altered.id, True)
    with here.database.writing() as session:
        session.get_one(Segment, altered.id).content = altered.content
    audit(here)
    assert lost(here) == [], "what is read whole after all is well"


def test_an_audit_finds_bodies_that_are_somebody_elses_or_missing(here: School) -> None:
    """A wrong compaction writes them with checksums that fit."""
    for name in ("Amina", "Beauty"):
        weeks(here, here.device(here.learner(name)))
    compact(here)
    first, second = here.rows(Segment)
    with here.database.writing() as session:
        session.get_one(Segment, first.id).content = second.content

    audit(here)

    assert lost(here) == [(first.id, first.entries)]


def test_an_audit_goes_on_where_the_last_process_was_stopped_and_then_waits_a_week(here: School) -> None:
    phone = here.device(here.learner())
    for number in range(SEGMENTS_MAX + 1):
        phone.submit(attempt(number + 1))
        here.exchange(phone)
        compact(here)
    last = here.rows(Segment)[-1]
    lose(here, last.id)

    with writing(here) as connection:
        assert Audits(wait_seconds=0).step(connection)
    assert lost(here) == []
    with writing(here) as connection:
        assert not Audits(wait_seconds=0).step(connection)
        assert progress(connection).after == 0
    assert [segment for segment, _ in lost(here)] == [last.id]

    with writing(here) as connection:
        connection.execute(text("DELETE FROM damage"))
    again = Audits(wait_seconds=0)
    with writing(here) as connection:
        again.step(connection)
    assert (lost(here), again.is_due) == ([], False)
    assert not Audits().is_due, "who has just started answers phones first"


def test_damaged_weeks_are_put_back_from_a_backup_in_which_they_were_not_packed_yet(
    here: School, tmp_path: Path
) -> None:
    amina = here.learner()
    weeks(here, here.device(amina))
    new = here.device(amina)
    whole = told(here, new).frames
    with closing(copied(here, tmp_path)) as backup:
        compact(here)
        [segment] = here.rows(Segment)
        lose(here, segment.id)
        audit(here)
        assert healed(here, backup) == [Healed(segment.entries, 0)]

    [put_back] = here.rows(Segment)
    assert unpack(put_back.content) == unpack(segment.content)
    assert (put_back.first_position, put_back.last_position) == (segment.first_position, segment.last_position)
    assert lost(here) == []
    assert told(here, new).frames == whole
    assert audit(here).segments == 1
    assert lost(here) == []


def test_an_old_backup_puts_back_what_it_has_and_the_next_one_the_rest(here: School, tmp_path: Path) -> None:
    phone = here.device(here.learner())
    weeks(here, phone, 2)
    with closing(copied(here, tmp_path / "old")) as old:
        weeks(here, phone, WEEKS)
        with closing(copied(here, tmp_path / "newer")) as newer:
            compact(here)
            [segment] = here.rows(Segment)
            lose(here, segment.id)
            audit(here)

            [first] = healed(here, old)
            [(replaced, left)] = lost(here)
            assert (first.put_back > 0, first.put_back + first.lost) == (True, segment.entries)
            assert (left, replaced != segment.id) == (first.lost, True)
            assert healed(here, old) == [Healed(0, first.lost)], "nothing more"

            assert healed(here, newer) == [Healed(first.lost, 0)]
    [put_back] = here.rows(Segment)
    assert unpack(put_back.content) == unpack(segment.content)


def test_what_a_source_has_of_other_bytes_under_these_names_is_not_believed(here: School, tmp_path: Path) -> None:
    weeks(here, here.device(here.learner()))
    with closing(copied(here, tmp_path)) as backup:
        with backup.writing() as session:
            session.connection().execute(LOG.update().values(body=b"altered"))
        compact(here)
        [segment] = here.rows(Segment)
        lose(here, segment.id)
        audit(here)

        assert healed(here, backup) == [Healed(0, segment.entries)]
    assert lost(here) == [(segment.id, segment.entries)]


def test_a_source_that_is_damaged_too_gives_what_is_left_of_it(here: School, tmp_path: Path) -> None:
    weeks(here, here.device(here.learner()))
    compact(here)
    [segment] = here.rows(Segment)
    lose(here, segment.id)
    audit(here)
    with closing(copied(here, tmp_path)) as backup:
        assert healed(here, backup) == [Healed(0, segment.entries)]


def test_what_can_still_be_read_of_a_damaged_segment_is_kept(here: School, tmp_path: Path) -> None:
    """An empty source: what stands before the damage is packed anew all the same once anything is found."""
    weeks(here, here.device(here.learner()))
    compact(here)
    [segment] = here.rows(Segment)
    alter(here, segment.id, at=0.9)
    [altered] = here.rows(Segment)

    kept = salvage(altered.content)

    whole = unpack(segment.content)
    assert 0 < sum(1 for at, body in kept.items() if whole.get(at) == body) < len(whole) + 1
    audit(here)
    [(_, left)] = lost(here)
    assert left < segment.entries


def test_a_consumer_that_begins_again_sets_aside_what_is_lost_and_takes_it_once_that_is_healed(
    here: School, tmp_path: Path
) -> None:
    weeks(here, here.device(here.learner()))
    weeks(here, here.device(here.learner("Beauty")))
    compact(here)
    before = read_models(here)
    first, _ = here.rows(Segment)
    with closing(copied(here, tmp_path)) as backup:
        lose(here, first.id)
        with writing(here) as connection:
            for table in ("attempt", "survivor", "conflict_record", "consumer_cursor"):
                connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
            assert any(entry.is_lost for entry in entries_after(connection, 0, range(20), 100))

        here.settle()

        aside = here.rows(Quarantined)
        assert {row.learner_id for row in aside} == {first.learner_id}, "only of hers"
        audit(here)
        healed(here, backup)
    for row in aside:
        with writing(here) as connection:
            outcome = release(
                connection, row.organisation_id, row.id, epoch=here.service.epoch, consumers=here.service.consumers
            )
            assert outcome.released is Released.PLACED
    assert read_models(here) == before


def test_what_is_asked_for_by_name_and_lost_is_said(here: School) -> None:
    weeks(here, here.device(here.learner()))
    compact(here)
    [segment] = here.rows(Segment)
    lose(here, segment.id)
    with here.database.engine.connect() as connection:
        rows = connection.execute(LOG.select().where(LOG.c.segment_id == segment.id)).all()
        with pytest.raises(SegmentDamaged, match=rf"Segment {segment.id} .* tiffin compact --check"):
            list(bodied(connection, rows))
