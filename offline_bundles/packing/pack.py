"""Packs a course: every part becomes an object, every object is named in a manifest, the root is signed.

The same course gives the same bytes. A release's content is its root without its number: what is unchanged stays the
release that it was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offline_bundles.canonical import read_manifest, write_canonical
from offline_bundles.course import Activity, Course, Lesson, read_course
from offline_bundles.errors import BrokenCourse, MediaError, Problem
from offline_bundles.forms import LESSON_FORM, RELEASE_FORM
from offline_bundles.media import LeftOut
from offline_bundles.packing.parts import Box, pack_page, pack_quiz, pack_resource
from offline_bundles.packing.report import Progress, Report, Silent
from offline_bundles.packing.streams import pack_video
from offline_bundles.packing.unchanged import keep_stamp, packed_before, stamp_of
from offline_bundles.records import PackedRelease, ReleaseRecord
from offline_bundles.signing import Signer
from offline_bundles.stores import ObjectStore


def pack(
    source: Path,
    *,
    store: ObjectStore,
    cache: Path,
    signer: Signer,
    previous: ReleaseRecord | None = None,
    progress: Progress | None = None,
    left_out: LeftOut | None = None,
) -> PackedRelease:
    """Packs a course folder. `cache` keeps what was encoded; `previous` is the newest release, if there is one.

    Rungs that are `left_out`, or cannot be made, are named in the report; the course is as good without them.
    Raises `BrokenCourse` with everything that is wrong; then nothing was released.
    """
    stamps, stamp = cache / "packed", stamp_of(source)
    if previous and previous.key == signer.key_id and (before := packed_before(stamp, previous, store, stamps)):
        return before
    course = read_course(source)
    box = Box(source, store, cache, progress or Silent(), Report(), left_out or {})
    lessons = _pack_lessons(course, box)
    root = _root(course, lessons, signer)
    same = previous is not None and _content(previous, store) == root
    number = previous.number + (not same) if previous else 1
    if number < (course.floor or 1):
        raise BrokenCourse([Problem("course.yaml", f"floor is {course.floor}, but this is release {number}.")])
    manifest = root | {"number": number}
    raw = write_canonical(manifest)
    digest = box.put(raw)
    record = ReleaseRecord(course.id, number, digest, len(raw), signer.sign_root(digest), signer.key_id)
    packed = PackedRelease(record, manifest, box.keys, box.report, is_new=not same)
    if box.report.is_whole:
        keep_stamp(stamp, source, packed, stamps)
    return packed


def _pack_lessons(course: Course, box: Box) -> list[dict[str, Any]]:
    problems: list[Problem] = []
    total = len(course.activities)
    done = 0
    lessons = []
    for lesson in course.lessons:
        entries = []
        for activity in lesson.activities:
            box.progress.step(activity.id, done, total)
            try:
                entries.append(_pack_activity(activity, course, box))
            except MediaError as error:
                problems.append(Problem(activity.id, str(error)))
            done += 1
        lessons.append(_lesson(lesson, entries, box))
    box.progress.step(course.id, total, total)
    if problems:
        raise BrokenCourse(problems)
    return lessons


@dataclass(frozen=True, slots=True)
class _Packed:
    """An activity's manifest entry, and what it weighs on a phone."""

    entry: Mapping[str, Any]
    tier: str
    bytes: int


def _pack_activity(activity: Activity, course: Course, box: Box) -> _Packed:
    pack_kind = {"page": pack_page, "quiz": pack_quiz, "resource": pack_resource, "video": pack_video}[activity.kind]
    members, weight = pack_kind(activity, course, box)
    entry = {
        "id": activity.id,
        "kind": activity.kind,
        "tier": activity.tier,
        "title": dict(activity.title),
        **members,
    }
    return _Packed(entry, activity.tier, weight)


def _lesson(lesson: Lesson, packed: list[_Packed], box: Box) -> dict[str, Any]:
    manifest = {
        "format": LESSON_FORM,
        "id": lesson.id,
        "title": dict(lesson.title),
        "activities": [one.entry for one in packed],
    }
    raw = write_canonical(manifest)
    weights = dict.fromkeys(box.report.tiers, 0) | {"essential": len(raw)}
    for one in packed:
        weights[one.tier] += one.bytes
    for tier, weight in weights.items():
        box.report.tiers[tier] += weight
    return {"id": lesson.id, "title": dict(lesson.title), "manifest": box.put(raw), "bytes": weights}


def _root(course: Course, lessons: list[dict[str, Any]], signer: Signer) -> dict[str, Any]:
    return {
        "format": RELEASE_FORM,
        "course": course.id,
        "title": dict(course.title),
        "description": dict(course.description),
        "languages": list(course.languages),
        "licence": course.licence,
        "attribution": course.attribution,
        "key": signer.key_id,
        "lessons": lessons,
    } | _bounds(course)


def _bounds(course: Course) -> dict[str, Any]:
    """Absent where nothing was said, so that a course without them is the bytes that it always was."""
    floor = {} if course.floor is None else {"floor": course.floor}
    return floor | ({"expires": course.expires} if course.expires else {})


def _content(previous: ReleaseRecord, store: ObjectStore) -> dict[str, Any] | None:
    """A release's root without its number; none when the store has lost it."""
    if not store.has(previous.root):
        return None
    return dict(_without_number(read_manifest(store.read(previous.root), RELEASE_FORM)))


def _without_number(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in manifest.items() if name != "number")
