"""A course folder in, a signed release out: the same each time, whole, and without a graded quiz's key."""

import json
from pathlib import Path

import pytest

from offline_bundles import (
    FolderStore,
    PackedRelease,
    ReleaseRecord,
    Signer,
    objects_of,
    pack,
    read_update,
    update_pack,
    verify_release,
)
from tests.offline_bundles.courses import course_folder

SIGNER = Signer.from_seed(bytes(range(32)))


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


def packed(folder: Path, store: FolderStore, previous: ReleaseRecord | None = None) -> PackedRelease:
    return pack(folder, store=store, cache=store.root.parent / "cache", signer=SIGNER, previous=previous)


def test_packing_twice_gives_the_same_release_and_makes_nothing_again(store: FolderStore, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    first = packed(folder, store)
    again = packed(folder, store, first.record)
    assert first.is_new
    assert not again.is_new
    assert again.record == first.record
    assert (again.report.encoded, again.report.new_objects) == (0, 0)


def test_another_machine_packs_the_same_bytes(tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    roots = {packed(folder, FolderStore(tmp_path / name / "objects")).record.root for name in ("one", "two")}
    assert len(roots) == 1


def test_a_change_makes_a_new_release_that_shares_everything_else(store: FolderStore, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    first = packed(folder, store)
    (folder / "pages" / "b.md").write_text("# أهلا\n")
    second = packed(folder, store, first.record)

    assert (second.record.number, second.is_new) == (2, True)
    before = {ref.digest for ref in objects_of(first.record.root, store)}
    fresh = [ref.use for ref in objects_of(second.record.root, store) if ref.digest not in before]
    assert fresh == ["release", "lesson one", "page"]
    update = dict(read_update(update_pack(second.record.root, first.record.root, store)))
    assert len(update) == len(fresh)


def test_a_graded_quizs_key_is_in_no_object(store: FolderStore, tmp_path: Path) -> None:
    release = packed(course_folder(tmp_path / "course"), store)
    assert "The secret of the key" in json.dumps(release.keys["exam"])
    for digest in store.digests():
        content = store.read(digest)
        assert b"The secret of the key" not in content
        assert b'"correct"' not in content


@pytest.mark.slow
def test_real_pages_of_a_curriculum_are_packed(store: FolderStore, tmp_path: Path, shared_data: Path) -> None:
    """Markdown that nobody wrote for Tiffin: what cannot come along is said, item by item."""
    pages = sorted((shared_data / "md-rpf-hello-world" / "en").glob("*.md"))
    assert pages
    folder = course_folder(tmp_path / "course")
    for page in pages:
        (folder / "pages" / page.name).write_bytes(page.read_bytes())
    activities = [
        {"id": f"step-{number}", "kind": "page", "title": page.stem, "source": f"pages/{page.name}"}
        for number, page in enumerate(pages, 1)
    ]
    course_folder(folder, lessons=[{"id": "all", "title": "All", "activities": activities}])
    release = packed(folder, store)
    assert verify_release(release.record, SIGNER.public_key, store) > len(pages)
    assert release.report.dropped, "its pictures are not in the folder, and the report says so"
    html = b"".join(store.read(ref.digest) for ref in objects_of(release.record.root, store) if ref.is_text)
    assert b"<script" not in html
