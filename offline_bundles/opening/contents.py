"""What a release holds: every object by its place in the manifests, in their order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from offline_bundles.canonical import read_manifest
from offline_bundles.errors import BrokenManifest
from offline_bundles.packing.pack import LESSON_FORM, RELEASE_FORM
from offline_bundles.packing.streams import STREAM_FORM
from offline_bundles.stores import ObjectStore


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object and what it is for. `bytes`: where a manifest says it, else 0. `is_text`: it travels in small packs."""

    digest: str
    bytes: int
    use: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Release:
    """A release as its manifests say."""

    root: str
    manifest: dict[str, Any]
    lessons: tuple[dict[str, Any], ...]


def read_release(root: str, store: ObjectStore) -> Release:
    """Raises `MissingObject` or `BrokenManifest`."""
    manifest = read_manifest(store.read(root), RELEASE_FORM)
    try:
        names = [lesson["manifest"] for lesson in manifest["lessons"]]
    except (KeyError, TypeError) as error:
        raise BrokenManifest("The release's manifest lacks its lessons.") from error
    return Release(root, manifest, tuple(read_manifest(store.read(name), LESSON_FORM) for name in names))


def objects_of(root: str, store: ObjectStore) -> Iterator[ObjectRef]:
    """Every object of a release once, the root first. Raises `MissingObject` or `BrokenManifest`."""
    seen: set[str] = set()
    for ref in _objects(root, store):
        if ref.digest not in seen:
            seen.add(ref.digest)
            yield ref


def _objects(root: str, store: ObjectStore) -> Iterator[ObjectRef]:
    release = read_release(root, store)
    yield ObjectRef(root, 0, "release", is_text=True)
    try:
        for entry, lesson in zip(release.manifest["lessons"], release.lessons, strict=True):
            yield ObjectRef(entry["manifest"], 0, f"lesson {lesson['id']}", is_text=True)
            for activity in lesson["activities"]:
                yield from _of_activity(activity, store)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenManifest("A lesson's manifest lacks what it must have.") from error


def _of_activity(activity: dict[str, Any], store: ObjectStore) -> Iterator[ObjectRef]:
    use = activity["id"]
    if activity["kind"] == "page":
        for page in activity["pages"].values():
            yield ObjectRef(page["object"], page["bytes"], use, is_text=True)
    elif activity["kind"] == "video":
        yield from _of_video(activity, store)
    else:
        yield ObjectRef(activity["object"], activity["bytes"], use, is_text=activity["kind"] == "quiz")
    for picture in activity.get("pictures", ()):
        yield ObjectRef(picture["object"], picture["bytes"], f"a picture of {use}", is_text=False)


def _of_video(activity: dict[str, Any], store: ObjectStore) -> Iterator[ObjectRef]:
    use = activity["id"]
    yield ObjectRef(activity["stream"]["object"], activity["stream"]["bytes"], f"the stream of {use}", is_text=True)
    for caption in activity["captions"]:
        yield ObjectRef(caption["object"], caption["bytes"], f"captions of {use}", is_text=True)
    stream = read_manifest(store.read(activity["stream"]["object"]), STREAM_FORM)
    yield ObjectRef(stream["playlist"], 0, f"the playlist of {use}", is_text=True)
    for rendition in (*stream["video"], *stream["audio"]):
        yield ObjectRef(rendition["playlist"], 0, f"a playlist of {use}", is_text=True)
        yield ObjectRef(rendition["object"], rendition["bytes"], f"{rendition['name']} of {use}", is_text=False)
    if "poster" in activity:
        yield ObjectRef(activity["poster"]["object"], activity["poster"]["bytes"], f"poster of {use}", is_text=False)
