"""A course's preview sheet: the rungs of its videos side by side, from what packing left in the cache."""

from pathlib import Path

from offline_bundles.course import read_course
from offline_bundles.errors import MediaError
from offline_bundles.media import encode_video
from offline_bundles.media.preview import VIDEOS_MAX, rows, write_sheet


def preview(source: Path, *, cache: Path, target: Path) -> tuple[int, int]:
    """Writes a PNG of a course folder's first videos; how many are on it, and how many the course has.

    What is packed already is not encoded again. Raises `BrokenCourse`, and `MediaError` where there is no video.
    """
    films = [activity.source for activity in read_course(source).activities if activity.kind == "video"]
    if not films:
        raise MediaError("The course has no video to preview.")
    taken = films[:VIDEOS_MAX]
    write_sheet([row for film in taken for row in rows(film, encode_video(film, cache=cache))], target)
    return len(taken), len(films)
