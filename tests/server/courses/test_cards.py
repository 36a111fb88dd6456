"""A card goes from one server to another: out of a published release, in only under a key that a person trusts."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_bundles import Signer, verify_release
from offline_bundles.card import open_card, write_card
from offline_bundles.errors import StaleRelease
from offline_bundles.rotation import Endorsement, endorse, reachable
from server.composition import open_outlines
from server.courses import publishing
from server.courses.cards import on_card
from server.errors import NotFound
from tests.offline_bundles.courses import course_folder
from tests.running import RunningServer
from tests.server.cli.test_command_line import refused
from tests.server.places import Place, opened


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    with opened(tmp_path / "town", seed=1) as town, opened(tmp_path / "village", seed=2) as village:
        yield town, village


@pytest.fixture
def card(places: tuple[Place, Place], tmp_path: Path) -> Path:
    town, _ = places
    town.publish(course_folder(tmp_path / "course"))
    return card_of_newest(town, tmp_path / "card.zip")


def card_of_newest(place: Place, target: Path, *keys: Endorsement) -> Path:
    with place.database.reading() as session:
        records = on_card(session, place.organisation.id, ["small"])
    return write_card(records, place.store, target, keys=keys).parts[0]


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


def test_an_older_release_that_was_withdrawn_here_is_refused(
    places: tuple[Place, Place], card: Path, tmp_path: Path
) -> None:
    town, village = places
    town.publish(course_folder(tmp_path / "course", floor=2))
    village.take(card_of_newest(town, tmp_path / "second.zip"), town.signer)
    (taken,) = village.take(card, town.signer)
    assert "withdrawn or replaced" in taken.refused


def test_a_release_beyond_its_last_day_is_neither_published_nor_taken(
    places: tuple[Place, Place], tmp_path: Path
) -> None:
    town, village = places
    record = town.pack(course_folder(tmp_path / "course", expires="2020-01-01"))
    with pytest.raises(StaleRelease, match="good until 2020-01-01"):
        town.publish(tmp_path / "course")
    path = write_card([record], town.store, tmp_path / "card.zip").parts[0]
    (taken,) = village.take(path, town.signer)
    assert "good until 2020-01-01" in taken.refused


def test_a_key_that_a_trusted_one_leads_to_is_believed(places: tuple[Place, Place], tmp_path: Path) -> None:
    town, village = places
    first = Signer.from_seed(b"f" * 32)
    town.publish(course_folder(tmp_path / "course"))
    path = card_of_newest(town, tmp_path / "card.zip", endorse(first, 1, town.signer.public_key))
    keys = reachable({first.key_id: first.public_key}, open_card([path]).keys)
    (taken,) = village.take(path, keys=keys)
    assert not taken.refused


def test_what_this_server_signed_with_an_older_key_is_here_already(places: tuple[Place, Place], card: Path) -> None:
    town, _ = places
    old, town.signer = town.signer, Signer.from_seed(b"n" * 32)
    (taken,) = town.take(card, old)
    assert taken.was_here


def test_of_a_card_that_was_cut_short_what_is_whole_is_taken(places: tuple[Place, Place], tmp_path: Path) -> None:
    town, village = places
    first = town.publish(course_folder(tmp_path / "first", id="first"))
    (course_folder(tmp_path / "second", id="second") / "sheet.txt").write_text("the last file on the card")
    second = town.publish(tmp_path / "second")
    path = write_card([first, second], town.store, tmp_path / "card.zip").parts[0]
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.index(b"the last file") + 5])
    whole, cut = village.take(path, town.signer)
    assert (whole.record.course, whole.refused) == ("first", "")
    assert (cut.record.course, "missing: sheet" in cut.refused) == ("second", True)


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
    assert key in town.command("key", "show")
    assert "every byte as it was signed" in village.command("verify", card, "--key", key)
    village.command("trust", key)
    assert "every byte as it was signed" in village.command("import", "--dry-run", card)
    assert "Publish it: tiffin publish small 1" in village.command("take", card)
    assert "was here already" in village.command("import", card)
    assert "is published" in village.command("publish", "small", "1")
    (page,) = [path for path in (village.home / "objects").glob("??/*") if b"Hello" in path.read_bytes()]
    page.write_bytes(b"what a disk made of it")
    assert "1 damaged objects were removed" in refused(village, "verify", "small", "1")
    assert "was here already" in village.command("take", card)
    assert "every byte as it was signed" in village.command("verify", "small", "1")

    with zipfile.ZipFile(card) as opened:
        opened.extractall(tmp_path / "unpacked")
    assert "every byte as it was signed" in village.command("verify", str(tmp_path / "unpacked"))
    raw = bytearray(Path(card).read_bytes())
    raw[raw.index(b"Hello")] ^= 1
    Path(card).write_bytes(raw)
    assert "not what was signed" in refused(village, "verify", card)


def signer_at(here: RunningServer) -> Signer:
    seed = min((here.home / "keys").glob("release-*.key"), key=lambda path: len(path.name))
    return Signer.from_seed(seed.read_bytes())
