"""A card goes from one server to another: out of a published release, in only under a key that a person trusts."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_bundles import Signer, verify_release
from offline_bundles.card import write_card
from server.composition import open_outlines
from server.courses import publishing
from server.courses.cards import on_card
from server.errors import NotFound
from tests.offline_bundles.courses import course_folder
from tests.running import RunningServer
from tests.server.places import Place, opened
from tests.server.test_command_line import refused


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    with opened(tmp_path / "town", seed=1) as town, opened(tmp_path / "village", seed=2) as village:
        yield town, village


@pytest.fixture
def card(places: tuple[Place, Place], tmp_path: Path) -> Path:
    town, _ = places
    town.publish(course_folder(tmp_path / "course"))
    with town.database.reading() as session:
        records = on_card(session, town.organisation.id, ["small"])
    return write_card(records, town.store, tmp_path / "card.zip").parts[0]


def test_a_trusted_key_lets_a_release_in_under_ones_own_signature(places: tuple[Place, Place], card: Path) -> None:
    town, village = places
    (taken,) = village.take(card, town.signer)
    assert not taken.refused
    assert taken.record == village.record()
    verify_release(village.record(), village.signer.public_key, village.store)
    assert (taken.record.course, taken.record.number) == (town.record().course, town.record().number)


def test_what_was_taken_can_be_published_here(places: tuple[Place, Place], card: Path) -> None:
    town, village = places
    village.take(card, town.signer)
    with village.database.writing() as session:
        row = publishing.publish(session, village.organisation.id, "small", 1, open_outlines(village.settings))
    assert row.bytes.essential > 0
    assert row.report["degraded"] == ["exam cannot be graded here: a card carries no answers"]


def test_an_unknown_key_is_refused_and_nothing_is_kept(places: tuple[Place, Place], card: Path) -> None:
    _, village = places
    (taken,) = village.take(card)
    assert "tiffin trust KEY" in taken.refused
    assert not list(village.store.digests())


def test_taking_again_changes_nothing(places: tuple[Place, Place], card: Path) -> None:
    town, village = places
    village.take(card, town.signer)
    (again,) = village.take(card, town.signer)
    assert (again.was_here, again.new_objects, again.refused) == (True, 0, "")
    (own,) = town.take(card)
    assert own.was_here


def test_another_release_of_the_same_number_is_refused(places: tuple[Place, Place], card: Path, tmp_path: Path) -> None:
    town, village = places
    village.publish(course_folder(tmp_path / "other", title="Ours"))
    (taken,) = village.take(card, town.signer)
    assert "another one here" in taken.refused


def test_a_course_that_is_not_published_goes_on_no_card(places: tuple[Place, Place]) -> None:
    town, _ = places
    with town.database.reading() as session, pytest.raises(NotFound, match="publish it"):
        on_card(session, town.organisation.id, ["small"])


@pytest.mark.slow
def test_the_commands_carry_a_course_from_one_server_to_another(tmp_path: Path) -> None:
    town, village = RunningServer(tmp_path / "town"), RunningServer(tmp_path / "village")
    for here in (town, village):
        here.command("account", "add", "ada", "--role", "administrator")
    town.command("pack", str(course_folder(tmp_path / "course")))
    town.command("publish", "small", "1")
    card = str(tmp_path / "card.zip")
    assert "every byte as it was signed" in town.command("export", "small", "--to", card)
    assert "tiffin trust KEY" in refused(village, "take", card)

    key = signer_at(town).public_key.hex()
    assert "every byte as it was signed" in village.command("verify", card, "--key", key)
    village.command("trust", key)
    assert "Publish it: tiffin publish small 1" in village.command("take", card)
    assert "is published" in village.command("publish", "small", "1")
    assert "every byte as it was signed" in village.command("verify", "small", "1")

    with zipfile.ZipFile(card) as opened:
        opened.extractall(tmp_path / "unpacked")
    assert "every byte as it was signed" in village.command("verify", str(tmp_path / "unpacked"))
    raw = bytearray(Path(card).read_bytes())
    raw[raw.index(b"Hello")] ^= 1
    Path(card).write_bytes(raw)
    assert "not what was signed" in refused(village, "verify", card)


def signer_at(here: RunningServer) -> Signer:
    (seed,) = (here.home / "keys").glob("release-*.key")
    return Signer.from_seed(seed.read_bytes())
