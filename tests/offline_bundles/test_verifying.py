"""Whoever holds the organisation's public key finds every byte that was changed, and is told which."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from offline_bundles import FolderStore, ReleaseRecord, Signer, objects_of, pack, read_release, verify_release
from offline_bundles.canonical import write_canonical
from offline_bundles.errors import BadSignature, BrokenManifest, BundleError, MissingObject, TamperedObject
from tests.offline_bundles.courses import course_folder

SIGNER = Signer.from_seed(bytes(range(32)))


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def record(store: FolderStore, tmp_path: Path) -> ReleaseRecord:
    return pack(course_folder(tmp_path / "course"), store=store, cache=tmp_path / "cache", signer=SIGNER).record


def verify(record: ReleaseRecord, store: FolderStore) -> int:
    return verify_release(record, SIGNER.public_key, store)


def file_of(digest: str, store: FolderStore) -> Path:
    return store.root / digest[:2] / digest


def changed(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def used_for(use: str, record: ReleaseRecord, store: FolderStore) -> Path:
    return file_of(next(ref.digest for ref in objects_of(record.root, store) if ref.use == use), store)


def test_a_whole_release_is_right(record: ReleaseRecord, store: FolderStore) -> None:
    assert verify(record, store) == len(list(objects_of(record.root, store))) == len(list(store.digests()))


def test_one_changed_bit_in_any_object_is_found_and_named(record: ReleaseRecord, store: FolderStore) -> None:
    for ref in list(objects_of(record.root, store)):
        path = file_of(ref.digest, store)
        content = path.read_bytes()
        path.write_bytes(changed(content))
        with pytest.raises(TamperedObject, match=f"{ref.use}.*{ref.digest[:12]}"):
            verify(record, store)
        path.write_bytes(content)


def test_any_missing_object_is_found_and_named(record: ReleaseRecord, store: FolderStore) -> None:
    for ref in list(objects_of(record.root, store)):
        path = file_of(ref.digest, store)
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(MissingObject, match=f"{ref.use}.*{ref.digest[:12]}"):
            verify(record, store)
        path.write_bytes(content)


def test_one_fault_does_not_hide_another(record: ReleaseRecord, store: FolderStore) -> None:
    for use in ("page", "exam", "a picture of page"):
        path = used_for(use, record, store)
        path.write_bytes(changed(path.read_bytes()))
    with pytest.raises(TamperedObject) as refused:
        verify(record, store)
    assert str(refused.value).count(";") == 2


def test_another_organisations_signature_is_refused(record: ReleaseRecord, store: FolderStore) -> None:
    with pytest.raises(BadSignature, match="Do not use it"):
        verify_release(record, Signer.generate().public_key, store)


@pytest.mark.parametrize("signature", ["00" * 64, "ab", "", "zz" * 64])
def test_a_forged_signature_is_refused(record: ReleaseRecord, store: FolderStore, signature: str) -> None:
    with pytest.raises(BadSignature, match="Do not use it"):
        verify(replace(record, signature=signature), store)


def test_a_signature_of_another_root_is_refused(record: ReleaseRecord, store: FolderStore) -> None:
    root = write_canonical({**read_release(record.root, store).manifest, "title": {"en": "Forged"}})
    forged = replace(record, root=store.put(root), root_bytes=len(root))
    with pytest.raises(BadSignature, match="Do not use it"):
        verify(forged, store)


@pytest.mark.parametrize(
    "lie", [{"number": 99}, {"course": "other"}, {"root_bytes": 1}, {"key": "00" * 8}], ids=lambda lie: next(iter(lie))
)
def test_a_record_that_says_other_than_the_root_is_refused(
    record: ReleaseRecord, store: FolderStore, lie: dict[str, Any]
) -> None:
    with pytest.raises(BadSignature, match="other things than the root"):
        verify(replace(record, **lie), store)


BROKEN_ROOTS: list[Any] = [
    {"format": "tiffin-release-1"},
    {"format": "tiffin-release-1", "lessons": 7},
    {"format": "tiffin-release-1", "lessons": [{"id": "a", "manifest": "../../etc/passwd"}]},
    {"format": "tiffin-release-1", "lessons": [{"id": "a", "manifest": 7}]},
    {"format": "tiffin-release-2", "lessons": []},
    ["format"],
]


@pytest.mark.parametrize("root", BROKEN_ROOTS)
def test_a_signed_root_of_another_shape_is_refused(store: FolderStore, root: Any) -> None:
    raw = write_canonical(root)
    digest = store.put(raw)
    record = ReleaseRecord("small", 1, digest, len(raw), SIGNER.sign_root(digest), SIGNER.key_id)
    with pytest.raises(BrokenManifest):
        verify(record, store)


@pytest.mark.parametrize(
    "activity", [7, {}, {"id": "a", "kind": "page", "pages": []}, {"id": "a", "kind": "video", "stream": {}}]
)
def test_a_signed_lesson_of_another_shape_is_refused(store: FolderStore, activity: Any) -> None:
    lesson = store.put(write_canonical({"format": "tiffin-lesson-1", "id": "a", "activities": [activity]}))
    root = write_canonical({"format": "tiffin-release-1", "lessons": [{"id": "a", "manifest": lesson}]})
    digest = store.put(root)
    record = ReleaseRecord("small", 1, digest, len(root), SIGNER.sign_root(digest), SIGNER.key_id)
    with pytest.raises(BrokenManifest):
        verify(record, store)


def test_a_signed_size_that_is_not_the_objects_is_refused(record: ReleaseRecord, store: FolderStore) -> None:
    release = read_release(record.root, store)
    (lesson,) = (dict(each) for each in release.lessons)
    lesson["activities"] = [
        {**each, "bytes": each["bytes"] + 1} if each["kind"] == "resource" else each for each in lesson["activities"]
    ]
    named = {**release.manifest["lessons"][0], "manifest": store.put(write_canonical(lesson))}
    raw = write_canonical({**release.manifest, "lessons": [named]})
    root = store.put(raw)
    lying = replace(record, root=root, root_bytes=len(raw), signature=SIGNER.sign_root(root))
    with pytest.raises(TamperedObject, match="sheet"):
        verify(lying, store)


def test_a_signing_key_is_saved_and_loaded() -> None:
    saved = Signer.generate()
    assert Signer.load(saved.save()).public_key == saved.public_key
    assert len(saved.key_id) == 16


@pytest.mark.parametrize("pem", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_without_a_key_is_refused(pem: bytes) -> None:
    with pytest.raises(BadSignature, match="holds no key"):
        Signer.load(pem)


RECORD = ReleaseRecord("small", 1, "ab" * 32, 100, "cd" * 64, "ef" * 8)


def test_a_release_record_is_read_as_it_was_written() -> None:
    assert ReleaseRecord.from_json(RECORD.to_json()) == RECORD


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", "[" * 1_000, "{" + " " * 100_000 + "}"),
        *(replace(RECORD, number=number).to_json() for number in (0, -1, 10**9)),
        *(replace(RECORD, root=root).to_json() for root in ("", "AB" * 32, "../x")),
        replace(RECORD, signature="cd").to_json(),
        replace(RECORD, key="no key").to_json(),
        replace(RECORD, course="A b").to_json(),
        replace(RECORD, root_bytes=1 << 40).to_json(),
        RECORD.to_json().replace("100", '"100"'),
        RECORD.to_json().replace(": 1,", ": true,"),
    ],
)
def test_a_release_record_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BundleError, match="release record"):
        ReleaseRecord.from_json(text)
