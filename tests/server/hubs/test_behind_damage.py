"""Damage to one learner's history at the upstream keeps no other learner's from a new hub; hers comes when healed."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from server.composition import open_database
from server.exchanging import open_uplink
from server.hubs.asking.uplink import Round
from server.log.entries import TO_DEVICES
from server.settings import Settings
from server.tables import Learner, LogEntry, Segment
from tests.running import RunningServer, running
from tests.server.cli.test_checking_history import a_year_later, hers

pytestmark = pytest.mark.slow
Entries = dict[str, list[bytes]]  # of each learner, by their hashes, in order


def entries(home: Path) -> Entries:
    """What phones are told."""
    with open_database(Settings(home=home)) as database, database.reading() as session:
        names = {one.id: one.name for one in session.exec(select(Learner))}
        found: Entries = {name: [] for name in names.values()}
        told = select(LogEntry).where(LogEntry.learner_id != "", col(LogEntry.kind).in_(TO_DEVICES))
        for entry in session.exec(told.order_by(col(LogEntry.position))):
            found[names[entry.learner_id]].append(entry.hash)
    return found


def swap(home: Path, number: int, content: bytes) -> bytes:
    """Puts this in a segment's place, and gives what was there."""
    with open_database(Settings(home=home)) as database, database.writing() as session:
        segment = session.get_one(Segment, number)
        before, segment.content = segment.content, content
    return before


def sync(home: Path) -> Round:
    settings = Settings(home=home)
    with open_database(settings) as database:
        return open_uplink(settings, database).run()


def test_a_new_hub_hears_everybody_else_and_the_rest_once_it_is_healed(tmp_path: Path) -> None:
    with a_year_later(tmp_path / "home") as here:
        number = hers(here, "Amina")
    good = swap(tmp_path / "home", number, b"\0")
    (tmp_path / "hub").mkdir()
    hub = RunningServer(tmp_path / "hub")

    with running(tmp_path / "home") as upstream:
        url, code = upstream.command("hub", "add", "Grace's laptop").partition("hub join ")[2].split()[:2]
        hub.command("hub", "join", url, code)
        said = hub.command("hub", "sync")
        whole, first = entries(upstream.home), entries(hub.home)
        swap(upstream.home, number, good)
        healed = sync(hub.home)

    assert "Learners whose old work is damaged at the main server: 1." in said
    assert first["Beauty"] == whole["Beauty"]
    assert len(first["Amina"]) < len(whole["Amina"])
    assert healed.held == 0
    assert entries(hub.home) == whole
