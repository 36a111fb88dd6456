"""The small pack: what is put in comes out, and nothing that was cut or changed passes as an object."""

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from offline_bundles import FolderStore, Signer, objects_of, pack, read_small_pack, read_update, small_pack, update_pack
from offline_bundles.errors import BrokenManifest, TamperedObject
from offline_bundles.opening.small_pack import PACK_BYTES_MAX, SMALL_BYTES_MAX, pack_entry, update_entry
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


@given(some.lists(contents))
def test_what_is_put_in_comes_out_in_order(objects: list[bytes]) -> None:
    raw = b"".join(pack_entry(*named(content)) for content in objects)
    assert list(read_small_pack(raw)) == [named(content) for content in objects]


@given(some.lists(contents, min_size=1), some.data())
def test_of_a_pack_that_was_cut_only_whole_objects_come(objects: list[bytes], data: some.DataObject) -> None:
    entries = [pack_entry(*named(content)) for content in objects]
    raw = b"".join(entries)
    cut = raw[: data.draw(some.integers(1, len(raw) - 1))]
    whole = [named(content) for content in objects]
    came = []
    try:
        for entry in read_small_pack(cut):
            came.append(entry)
    except BrokenManifest:
        pass
    else:
        assert len(cut) == sum(len(entry) for entry in entries[: len(came)])
    assert came == whole[: len(came)]
    assert len(came) < len(whole)


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


@given(contents, some.data())
def test_a_changed_byte_is_found(content: bytes, data: some.DataObject) -> None:
    raw = bytearray(pack_entry(*named(content)))
    raw[data.draw(some.integers(0, len(raw) - 1))] ^= data.draw(some.integers(1, 255))
    with pytest.raises((BrokenManifest, TamperedObject)):
        list(read_small_pack(bytes(raw)))


@given(some.binary(max_size=300))
def test_bytes_from_anywhere_give_only_what_their_names_say(raw: bytes) -> None:
    try:
        for digest, content in read_small_pack(raw):
            assert named(content)[0] == digest
    except (BrokenManifest, TamperedObject):
        return
    assert not raw


def test_an_object_that_is_not_small_is_refused() -> None:
    with pytest.raises(BrokenManifest, match="not small"):
        list(read_small_pack(pack_entry(*named(b"x" * SMALL_BYTES_MAX))))


def test_a_length_without_end_is_refused() -> None:
    with pytest.raises(BrokenManifest, match="inside a length"):
        list(read_small_pack(bytes(32) + b"\xff" * 1_000))


def test_a_pack_above_its_limit_is_refused() -> None:
    with pytest.raises(BrokenManifest, match="64 MB at most"):
        next(read_small_pack(bytes(PACK_BYTES_MAX + 1)))


def test_a_first_pack_holds_every_text_of_the_release_in_manifest_order(store: FolderStore, tmp_path: Path) -> None:
    root = packed(course_folder(tmp_path / "course"), store)
    texts = [(ref.digest, store.read(ref.digest)) for ref in objects_of(root, store) if ref.is_text]
    assert list(read_small_pack(small_pack(root, None, store))) == texts


def test_an_update_holds_only_what_the_other_release_lacks(store: FolderStore, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    before = packed(folder, store)
    (folder / "pages" / "b.md").write_text("# أهلا\n")
    after = packed(folder, store)
    lacks = {ref.digest for ref in objects_of(after, store)} - {ref.digest for ref in objects_of(before, store)}
    assert {digest for digest, _ in read_small_pack(small_pack(after, before, store))} == lacks
    assert small_pack(after, after, store) == b""


def test_an_update_holds_the_same_objects_without_their_names(store: FolderStore, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    before = packed(folder, store)
    (folder / "pages" / "b.md").write_text("# أهلا\n")
    after = packed(folder, store)
    named_ones, update = small_pack(after, before, store), update_pack(after, before, store)
    objects = list(read_update(update))
    assert objects == list(read_small_pack(named_ones))
    assert len(update) == len(named_ones) - 32 * len(objects)


def test_from_three_releases_behind_one_update_is_enough(store: FolderStore, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    roots = [packed(folder, store)]
    for word in ("أهلا", "سلام", "مرحبا بكم"):
        (folder / "pages" / "b.md").write_text(f"# {word}\n")
        roots.append(packed(folder, store))
    held = {ref.digest for ref in objects_of(roots[0], store)}
    held |= {digest for digest, _ in read_update(update_pack(roots[3], roots[0], store))}
    assert held >= {ref.digest for ref in objects_of(roots[3], store)}
    assert not held & {roots[1], roots[2]}


def test_a_page_that_is_not_small_stays_out(store: FolderStore, tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course")
    (folder / "pages" / "b.md").write_text("water " * 20_000)
    root = packed(folder, store)
    large = [ref.digest for ref in objects_of(root, store) if ref.bytes >= SMALL_BYTES_MAX]
    assert len(large) == 1
    assert large[0] not in dict(read_small_pack(small_pack(root, None, store)))


@pytest.mark.parametrize("since", ["00" * 32, "no name", "a page"])
def test_a_name_that_is_no_release_saves_nothing(store: FolderStore, tmp_path: Path, since: str) -> None:
    root = packed(course_folder(tmp_path / "course"), store)
    page = next(ref.digest for ref in objects_of(root, store) if ref.use == "page")
    assert small_pack(root, page if since == "a page" else since, store) == small_pack(root, None, store)
