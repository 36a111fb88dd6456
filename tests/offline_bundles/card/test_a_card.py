"""A card carries releases whole: the same bytes each time, shared objects once, readable by any tool, also when cut."""

import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from offline_bundles import FolderStore, ReleaseRecord, objects_of, verify_release
from offline_bundles.card import open_card, take_release, write_card, write_objects
from offline_bundles.card.writing import CHUNK_BYTES
from offline_bundles.errors import BadSignature, BrokenCard, MissingObject, TamperedObject
from tests.offline_bundles.card.cards import SIGNER, release
from tests.offline_bundles.courses import course_folder

PART_BYTES = 20_000  # the two courses need some 30 kB


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def records(store: FolderStore, tmp_path: Path) -> list[ReleaseRecord]:
    """Two courses that share all but their roots and a file."""
    one, two = course_folder(tmp_path / "one"), course_folder(tmp_path / "two", id="other")
    (two / "sheet.txt").write_bytes(sha256(b"seed").digest() * 500)
    return [release(one, store), release(two, store)]


def card_file(records: list[ReleaseRecord], store: FolderStore, name: str = "card.zip") -> Path:
    return write_card(records, store, store.root.parent / name).parts[0]


def test_a_card_holds_each_release_whole(records: list[ReleaseRecord], store: FolderStore) -> None:
    card = open_card([card_file(records, store)])
    assert list(card.releases) == sorted(records, key=lambda record: record.course)
    assert card.faults == ()
    for record in records:
        verify_release(record, SIGNER.public_key, card)


def test_shared_objects_stand_on_it_once(records: list[ReleaseRecord], store: FolderStore) -> None:
    needed = {ref.digest for record in records for ref in objects_of(record.root, store)}
    written = write_card(records, store, store.root.parent / "card.zip")
    assert written.objects == len(needed) == len(list(open_card(written.parts).digests()))
    assert written.bytes < 1.3 * sum(store.size(digest) for digest in needed) + 1_000


def test_the_same_releases_give_the_same_bytes_in_any_order(records: list[ReleaseRecord], store: FolderStore) -> None:
    first = card_file(records, store).read_bytes()
    assert card_file(records[::-1], store, "again.zip").read_bytes() == first


def test_any_tool_for_zip_opens_it_and_finds_the_checksums_right(
    records: list[ReleaseRecord], store: FolderStore
) -> None:
    with zipfile.ZipFile(card_file(records, store)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert names[0] == "card.json"
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in names[1:]:
            assert sha256(opened.read(name)).hexdigest() == name.rpartition("/")[2]


def test_unpacked_it_is_a_store_in_a_folder(records: list[ReleaseRecord], store: FolderStore, tmp_path: Path) -> None:
    with zipfile.ZipFile(card_file(records, store)) as opened:
        opened.extractall(tmp_path / "unpacked")
    for record in records:
        verify_release(record, SIGNER.public_key, FolderStore(tmp_path / "unpacked" / "objects"))


def test_texts_stand_before_everything_else(records: list[ReleaseRecord], store: FolderStore) -> None:
    with zipfile.ZipFile(card_file(records, store)) as opened:
        order = [name.rpartition("/")[2] for name in opened.namelist()[1:]]
    texts = {ref.digest for record in records for ref in objects_of(record.root, store) if ref.is_text}
    assert set(order[: len(texts)]) == texts


def test_its_parts_are_read_as_one_in_any_order(records: list[ReleaseRecord], store: FolderStore) -> None:
    written = write_card(records, store, store.root.parent / "card.zip", bytes_max=PART_BYTES)
    assert [path.name for path in written.parts] == ["card.zip", "card-2.zip"]
    assert all(path.stat().st_size <= PART_BYTES for path in written.parts)
    card = open_card(written.parts[::-1])
    assert card.faults == ()
    for record in records:
        verify_release(record, SIGNER.public_key, card)


def test_a_part_that_is_missing_is_named(records: list[ReleaseRecord], store: FolderStore) -> None:
    written = write_card(records, store, store.root.parent / "card.zip", bytes_max=PART_BYTES)
    card = open_card(written.parts[:1])
    assert card.faults == ("Of this card's 2 files these are not here: 2.",)
    assert list(card.releases) == sorted(records, key=lambda record: record.course)


def test_an_object_larger_than_a_part_is_refused_before_anything_is_written(
    records: list[ReleaseRecord], store: FolderStore, tmp_path: Path
) -> None:
    with pytest.raises(BrokenCard, match="Allow larger files"):
        write_card(records, store, tmp_path / "card.zip", bytes_max=4_000)
    assert not list(tmp_path.glob("*.zip"))


def test_large_objects_have_the_right_checksum_too(store: FolderStore, tmp_path: Path) -> None:
    digests = [store.put(bytes([number]) * (CHUNK_BYTES * number + 7)) for number in range(1, 9)]
    written = write_objects((), digests, store, tmp_path / "card.zip")
    with zipfile.ZipFile(written.parts[0]) as opened:
        assert opened.testzip() is None


def test_an_object_that_is_lost_leaves_no_card(
    records: list[ReleaseRecord], store: FolderStore, tmp_path: Path
) -> None:
    digest = next(ref.digest for ref in objects_of(records[1].root, store) if ref.use == "sheet")
    (store.root / digest[:2] / digest).unlink()
    with pytest.raises(MissingObject, match=digest):
        card_file(records, store)
    assert not list(tmp_path.glob("*card*"))


def test_wherever_it_is_cut_what_stands_before_is_read(records: list[ReleaseRecord], store: FolderStore) -> None:
    path = card_file(records, store)
    raw = path.read_bytes()
    whole = open_card([path])
    ends = {digest: entry.end for digest, entry in whole.files[0].objects.items()}
    index_end = whole.files[0].objects[next(iter(ends))].offset
    for cut in range(index_end, len(raw), 97):
        path.write_bytes(raw[:cut])
        card = open_card([path])
        assert set(card.digests()) == {digest for digest, end in ends.items() if end <= cut}
        assert "card.zip was cut short; what stands before the cut is used." in card.faults


def test_cut_before_its_index_it_is_no_card(records: list[ReleaseRecord], store: FolderStore) -> None:
    path = card_file(records, store)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BrokenCard, match="no card, or was cut off"):
        open_card([path])


def test_two_cards_that_were_cut_make_up_for_each_other(records: list[ReleaseRecord], store: FolderStore) -> None:
    small, other = (card_file([record], store, f"{record.course}.zip") for record in records)
    other.write_bytes(other.read_bytes()[:-2_000])  # the directory and the file that only this course has
    card = open_card([small, other])
    verify_release(records[0], SIGNER.public_key, card)
    with pytest.raises(MissingObject, match="sheet"):
        verify_release(records[1], SIGNER.public_key, card)


def test_a_release_is_taken_into_a_store_and_the_second_time_costs_nothing(
    records: list[ReleaseRecord], store: FolderStore, tmp_path: Path
) -> None:
    card = open_card([card_file(records, store)])
    mine = FolderStore(tmp_path / "mine")
    new = take_release(records[0], SIGNER.public_key, card, mine)
    assert new == verify_release(records[0], SIGNER.public_key, mine) == len(list(mine.digests()))
    assert take_release(records[0], SIGNER.public_key, card, mine) == 0


def test_what_the_stores_disk_damaged_is_made_whole_by_a_card(
    records: list[ReleaseRecord], store: FolderStore, tmp_path: Path
) -> None:
    card = open_card([card_file(records, store)])
    mine = FolderStore(tmp_path / "mine")
    new = take_release(records[0], SIGNER.public_key, card, mine)
    for digest in mine.digests():
        (mine.root / digest[:2] / digest).write_bytes(b"what a disk made of it")
    assert take_release(records[0], SIGNER.public_key, card, mine) == new
    assert verify_release(records[0], SIGNER.public_key, mine) == new


def test_of_a_release_that_is_not_right_nothing_is_taken(
    records: list[ReleaseRecord], store: FolderStore, tmp_path: Path
) -> None:
    path = card_file(records, store)
    entry = list(open_card([path]).files[0].objects.values())[-1]
    raw = bytearray(path.read_bytes())
    raw[entry.start] ^= 1
    path.write_bytes(raw)
    mine = FolderStore(tmp_path / "mine")
    with pytest.raises(TamperedObject, match="sheet"):
        take_release(records[0], SIGNER.public_key, open_card([path]), mine)
    assert not list(mine.digests())


def test_a_card_of_another_organisation_is_refused(
    records: list[ReleaseRecord], store: FolderStore, tmp_path: Path
) -> None:
    card = open_card([card_file(records, store)])
    with pytest.raises(BadSignature):
        take_release(records[0], bytes(32), card, FolderStore(tmp_path / "mine"))
