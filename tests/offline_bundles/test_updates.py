"""Updates: what is put in comes out under the names that its bytes have; what was cut is refused."""

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from offline_bundles import FolderStore, Signer, objects_of, pack, read_update, update_pack
from offline_bundles.errors import BrokenManifest
from offline_bundles.opening.update import SMALL_BYTES_MAX, UPDATE_BYTES_MAX, update_entry
from tests.offline_bundles.courses import course_folder

SIGNER = Signer.from_seed(bytes(range(32)))
contents = some.binary(max_size=400) | some.sampled_from([b"x" * 127, b"x" * 128, b"x" * (SMALL_BYTES_MAX - 1)])


def named(content: bytes) -> tuple[str, bytes]:
    return sha256(content).hexdigest(), content


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


def packed(folder: Path, store: FolderStore) -> str:
    return pack(folder, store=store, cache=folder.parent / "cache", signer=SIGNER).record.root


@given(some.lists(contents, min_size=1), some.data())
def test_of_an_update_that_was_cut_only_whole_objects_come(objects: list[bytes], data: some.DataObject) -> None:
    entries = [update_entry(content) for content in objects]
    raw = b"".join(entries)
    cut = raw[: data.draw(some.integers(0, len(raw) - 1))]
    whole = [named(content) for content in objects]
    came = []
    try:
        for entry in read_update(cut):
            came.append(entry)
    except BrokenManifest:
        pass
    else:
        assert len(cut) == sum(len(entry) for entry in entries[: len(came)])
    assert came == whole[: len(came)]
    assert len(came) < len(whole)


def test_a_text_at_the_limit_is_fetched_by_itself(store: FolderStore, tmp_path: Path) -> None:
    """Who reads an update refuses all of it for one object that is not small."""
    folder = course_folder(tmp_path / "course")
    for size in (SMALL_BYTES_MAX - 1, SMALL_BYTES_MAX):
        (folder / "pages" / "a.md").write_text("x" * (size - len("<p></p>")))
        root = packed(folder, store)
        assert size in {store.size(ref.digest) for ref in objects_of(root, store) if ref.is_text}
        came = {len(content) for _, content in read_update(update_pack(root, None, store))}
        assert (size in came) is (size < SMALL_BYTES_MAX)


@given(some.lists(contents))
def test_an_update_names_each_object_by_its_bytes(objects: list[bytes]) -> None:
    raw = b"".join(map(update_entry, objects))
    assert list(read_update(raw)) == [named(content) for content in objects]


@given(some.binary(max_size=300))
def test_an_update_from_anywhere_is_read_to_its_end_or_refused(raw: bytes) -> None:
    try:
        came = [content for _, content in read_update(raw)]
    except BrokenManifest:
        return
    assert sum(map(len, came)) <= len(raw)


def test_an_object_that_is_not_small_is_refused() -> None:
    with pytest.raises(BrokenManifest, match="not small"):
        list(read_update(update_entry(b"x" * SMALL_BYTES_MAX)))


def test_a_length_without_end_is_refused() -> None:
    with pytest.raises(BrokenManifest, match="inside a length"):
        list(read_update(b"\xff" * 1_000))


def test_an_update_above_its_limit_is_refused() -> None:
    with pytest.raises(BrokenManifest, match="64 MB at most"):
        next(read_update(bytes(UPDATE_BYTES_MAX + 1)))


def test_a_first_update_holds_every_text_of_the_release_in_manifest_order(store: FolderStore, tmp_path: Path) -> None:
    root = packed(course_folder(tmp_path / "course"), store)
    texts = [(ref.digest, store.read(ref.digest)) for ref in objects_of(root, store) if ref.is_text]
    assert list(read_update(update_pack(root, None, store))) == texts


def test_an_update_holds_only_what_the_other_release_lacks(store: FolderStore, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    before = packed(folder, store)
    (folder / "pages" / "b.md").write_text("# أهلا\n")
    after = packed(folder, store)
    lacks = {ref.digest for ref in objects_of(after, store)} - {ref.digest for ref in objects_of(before, store)}
    assert {digest for digest, _ in read_update(update_pack(after, before, store))} == lacks
    assert update_pack(after, after, store) == b""
