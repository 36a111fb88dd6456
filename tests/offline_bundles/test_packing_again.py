"""Packing again what has not changed only hashes it; whatever could make another release is packed anew."""

from pathlib import Path

import pytest

from offline_bundles import FolderStore, PackedRelease, ReleaseRecord, Signer, objects_of, pack, verify_release
from offline_bundles.packing.unchanged import stamp_of
from tests.offline_bundles.courses import course_folder

SIGNER = Signer.from_seed(bytes(range(32)))


class Said:
    """A `Progress` that remembers: packing what is unchanged has no steps to tell."""

    def __init__(self) -> None:
        self.labels: list[str] = []

    def step(self, label: str, done: int, total: int) -> None:
        self.labels.append(label)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.source = course_folder(folder / "course")
        self.store = FolderStore(folder / "objects")
        self.cache = folder / "cache"
        self.said = Said()

    def pack(self, previous: ReleaseRecord | None = None, signer: Signer = SIGNER) -> PackedRelease:
        self.said.labels.clear()
        return pack(
            self.source, store=self.store, cache=self.cache, signer=signer, previous=previous, progress=self.said
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_is_unchanged_is_not_read_again_and_reported_the_same(bench: Bench) -> None:
    first = bench.pack()
    again = bench.pack(first.record)
    assert not bench.said.labels
    assert (again.record, again.manifest, again.is_new) == (first.record, first.manifest, False)
    assert (again.report.tiers, again.report.objects) == (first.report.tiers, first.report.objects)
    assert again.report.new_objects == 0


@pytest.mark.parametrize("name", ["pages/b.md", "course.yaml", "pictures/tap.png", "new file"])
def test_any_change_in_any_file_makes_another_stamp(bench: Bench, name: str) -> None:
    before = stamp_of(bench.source)
    with (bench.source / name).open("ab") as file:
        file.write(b"\n")
    assert stamp_of(bench.source) != before


def test_a_renamed_file_makes_another_stamp(bench: Bench) -> None:
    before = stamp_of(bench.source)
    (bench.source / "sheet.txt").rename(bench.source / "sheet.md")
    assert stamp_of(bench.source) != before


def test_a_lost_object_is_made_again(bench: Bench) -> None:
    first = bench.pack()
    for ref in list(objects_of(first.record.root, bench.store))[1:]:  # without its root it is another release
        (bench.store.root / ref.digest[:2] / ref.digest).unlink()
        again = bench.pack(first.record)
        assert bench.said.labels
        assert again.report.new_objects >= 1
        verify_release(first.record, SIGNER.public_key, bench.store)


def test_another_key_makes_another_release(bench: Bench) -> None:
    first = bench.pack()
    again = bench.pack(first.record, Signer.from_seed(bytes(32)))
    assert (again.is_new, again.record.number) == (True, 2)


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"root": 7}', "\udcff"])
def test_a_broken_note_costs_only_time(bench: Bench, kept: str) -> None:
    first = bench.pack()
    for note in (bench.cache / "packed").glob("*.json"):
        note.write_bytes(kept.encode(errors="surrogateescape"))
    again = bench.pack(first.record)
    assert bench.said.labels
    assert again.record == first.record


def test_going_back_to_an_older_state_is_a_new_release(bench: Bench) -> None:
    page = bench.source / "pages" / "b.md"
    old = page.read_bytes()
    first = bench.pack()
    page.write_text("# أهلا\n")
    second = bench.pack(first.record)
    page.write_bytes(old)
    third = bench.pack(second.record)
    assert (second.record.number, third.record.number, third.is_new) == (2, 3, True)
