"""What a release holds: every object by its place in the manifests, in their order.

Manifests are read through a `Read`, so that who trusts the store and who does not walk the same way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from offline_bundles.canonical import read_manifest
from offline_bundles.errors import BrokenManifest
from offline_bundles.forms import DIGEST, LESSON_FORM, RELEASE_FORM, STREAM_FORM
from offline_bundles.stores import ObjectSource

NOT_A_SHAPE = (KeyError, TypeError, ValueError, AttributeError)  # what walking through other shapes raises


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object and what it is for. `bytes`: where a manifest says it, else 0. `is_text`: it travels in small packs."""

    digest: str
    bytes: int
    use: str
    is_text: bool

    def __post_init__(self) -> None:
        """Raises `ValueError` or `TypeError`: a manifest may say anything."""
        if not DIGEST.fullmatch(self.digest):
            raise ValueError(f"{self.digest[:80]!r} is no object's name")


Read = Callable[[ObjectRef], bytes | None]  # None: what stands inside is passed over


@dataclass(frozen=True, slots=True)
class Release:
    """A release as its manifests say."""

    root: str
    manifest: dict[str, Any]
    lessons: tuple[dict[str, Any], ...]


def read_release(root: str, store: ObjectSource) -> Release:
    """Raises `MissingObject` or `BrokenManifest`."""
    manifest = read_manifest(store.read(root), RELEASE_FORM)
    lessons = (read_manifest(store.read(lesson.digest), LESSON_FORM) for lesson in _lessons(manifest))
    return Release(root, manifest, tuple(lessons))


def objects_of(root: str, store: ObjectSource) -> Iterator[ObjectRef]:
    """Every object of a release once, the root first. Raises `MissingObject` or `BrokenManifest`."""
    return walk(root, lambda ref: store.read(ref.digest))


def walk(root: str, read: Read) -> Iterator[ObjectRef]:
    """The same, with manifests read by `read`, each after it was given. Raises `BrokenManifest`, and what it raises."""
    seen: set[str] = set()
    try:
        for ref in _of_release(ObjectRef(root, 0, "release", is_text=True), read):
            if ref.digest not in seen:
                seen.add(ref.digest)
                yield ref
    except NOT_A_SHAPE as error:
        raise BrokenManifest("A manifest of this release lacks what it must have.") from error


def _of_release(root: ObjectRef, read: Read) -> Iterator[ObjectRef]:
    yield root
    manifest = _manifest(root, RELEASE_FORM, read)
    for lesson in _lessons(manifest) if manifest else ():
        yield lesson
        inside = _manifest(lesson, LESSON_FORM, read)
        for activity in inside["activities"] if inside else ():
            yield from _of_activity(activity, read)


def _manifest(ref: ObjectRef, form: str, read: Read) -> dict[str, Any]:
    raw = read(ref)
    return {} if raw is None else read_manifest(raw, form)


def _lessons(manifest: dict[str, Any]) -> list[ObjectRef]:
    """The lessons' manifests, as the root names them. Raises `BrokenManifest`."""
    try:
        return [ObjectRef(each["manifest"], 0, f"lesson {each['id']}", is_text=True) for each in manifest["lessons"]]
    except NOT_A_SHAPE as error:
        raise BrokenManifest("The release's manifest lacks its lessons.") from error


def _of_activity(activity: dict[str, Any], read: Read) -> Iterator[ObjectRef]:
    use = activity["id"]
    if activity["kind"] == "page":
        for page in activity["pages"].values():
            yield ObjectRef(page["object"], page["bytes"], use, is_text=True)
    elif activity["kind"] == "video":
        yield from _of_video(activity, read)
    else:
        yield ObjectRef(activity["object"], activity["bytes"], use, is_text=activity["kind"] == "quiz")
    for picture in activity.get("pictures", ()):
        yield ObjectRef(picture["object"], picture["bytes"], f"a picture of {use}", is_text=False)


def _of_video(activity: dict[str, Any], read: Read) -> Iterator[ObjectRef]:
    use = activity["id"]
    stream = ObjectRef(activity["stream"]["object"], activity["stream"]["bytes"], f"the stream of {use}", is_text=True)
    yield stream
    for caption in activity["captions"]:
        yield ObjectRef(caption["object"], caption["bytes"], f"captions of {use}", is_text=True)
    if "poster" in activity:
        yield ObjectRef(activity["poster"]["object"], activity["poster"]["bytes"], f"poster of {use}", is_text=False)
    manifest = _manifest(stream, STREAM_FORM, read)
    if not manifest:
        return
    # A playlist says what the stream manifest says already: players of HLS ask for it, phones have no use for it.
    yield ObjectRef(manifest["playlist"], 0, f"the playlist of {use}", is_text=False)
    for rendition in (*manifest["video"], *manifest["audio"]):
        yield ObjectRef(rendition["playlist"], 0, f"a playlist of {use}", is_text=False)
        yield ObjectRef(rendition["object"], rendition["bytes"], f"{rendition['name']} of {use}", is_text=False)
