"""What a release says of those before it, and of its own end, is signed with it and binds whoever takes it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from offline_bundles import FolderStore, PackedRelease, ReleaseRecord, Signer, pack
from offline_bundles.errors import BrokenCourse, BrokenManifest, StaleRelease
from offline_bundles.opening.freshness import check_fresh, expiry_of, floor_of
from tests.offline_bundles.courses import course_folder

SIGNER = Signer.from_seed(bytes(range(32)))
TODAY = date(2027, 6, 30)


def packed(folder: Path, previous: ReleaseRecord | None = None, **changes: Any) -> PackedRelease:
    course = course_folder(folder / "course", **changes)
    return pack(course, store=FolderStore(folder / "objects"), cache=folder / "cache", signer=SIGNER, previous=previous)


def test_a_course_that_says_nothing_of_it_is_the_bytes_that_it_was(tmp_path: Path) -> None:
    manifest = packed(tmp_path).manifest
    assert not {"floor", "expires"} & set(manifest)
    assert (floor_of(manifest), expiry_of(manifest)) == (1, None)


@pytest.mark.parametrize("expires", ["2027-06-30", date(2027, 6, 30)])
def test_the_last_day_is_written_as_a_date_or_as_text(tmp_path: Path, expires: object) -> None:
    assert packed(tmp_path, expires=expires).manifest["expires"] == "2027-06-30"


def test_it_may_be_taken_on_its_last_day_and_not_after(tmp_path: Path) -> None:
    manifest = packed(tmp_path, expires="2027-06-30").manifest
    check_fresh(manifest, floor=1, today=TODAY)
    with pytest.raises(StaleRelease, match="good until 2027-06-30"):
        check_fresh(manifest, floor=1, today=date(2027, 7, 1))


def test_a_floor_withdraws_what_came_before(tmp_path: Path) -> None:
    first = packed(tmp_path)
    second = packed(tmp_path, first.record, floor=2)
    floor = floor_of(second.manifest)
    check_fresh(second.manifest, floor=floor, today=TODAY)
    with pytest.raises(StaleRelease, match="withdrawn or replaced: 2 is the lowest"):
        check_fresh(first.manifest, floor=floor, today=TODAY)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"floor": 2}, "floor is 2, but this is release 1"),
        ({"floor": 0}, "whole number from 1"),
        ({"expires": "soon"}, "a day such as"),
    ],
)
def test_a_bound_that_cannot_be_is_said(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BrokenCourse, match=says):
        packed(tmp_path, **changes)


@pytest.mark.parametrize(
    "lie", [{"floor": 3}, {"floor": "1"}, {"floor": True}, {"expires": 7}, {"expires": "2027-02-30"}]
)
def test_a_manifest_of_another_shape_is_refused(lie: dict[str, Any]) -> None:
    with pytest.raises(BrokenManifest):
        floor_of({"course": "small", "number": 2} | lie)
        expiry_of({"course": "small", "number": 2} | lie)
