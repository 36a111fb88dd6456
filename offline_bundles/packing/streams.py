"""Videos as objects: one file for each rendition, its playlist, and the stream manifest that names every segment."""

from hashlib import sha256
from typing import Any

from offline_bundles.canonical import write_canonical
from offline_bundles.course import Activity, Course
from offline_bundles.course.captions import read_captions
from offline_bundles.forms import STREAM_FORM
from offline_bundles.media import EncodedVideo, Rendition, encode_video, master_playlist, media_playlist
from offline_bundles.packing.parts import Box, Packed, picture_entry


def pack_video(activity: Activity, course: Course, box: Box) -> Packed:
    video = encode_video(activity.source, cache=box.cache, progress=box.progress.step, left_out=box.left_out)
    box.report.encoded += video.encoded
    box.report.reused += video.reused
    box.report.degraded += (*video.notes, *video.failed)
    box.report.following += video.following
    box.report.failed += len(video.failed)
    stream = write_canonical(_stream(video, course, box))
    captions = _captions(activity, box)
    for rendition in (*video.video, *video.audio):
        row = (activity.id, rendition.name, rendition.bytes, rendition.bytes_a_minute, rendition.vmaf)
        box.report.renditions.append(row)
    members: dict[str, Any] = {
        "duration_ms": video.duration_ms,
        "stream": {"object": box.put(stream), "bytes": len(stream)},
        "captions": captions,
    }
    if video.poster:
        members["poster"] = picture_entry(box.put_file(video.poster), video.poster.stat().st_size)
    weight = len(stream) + sum(one["bytes"] for one in captions) + members.get("poster", {}).get("bytes", 0)
    smallest = next(rendition for rendition in video.video if rendition.is_base)
    return members, weight + smallest.bytes + (video.audio[0].bytes if video.audio else 0)


def _stream(video: EncodedVideo, course: Course, box: Box) -> dict[str, Any]:
    playlists: dict[str, str] = {}
    entries: dict[str, dict[str, Any]] = {}
    for rendition in (*video.video, *video.audio):
        entries[rendition.name] = _rendition(rendition, box)
        text = media_playlist(rendition, f"{entries[rendition.name]['object']}.mp4")
        entries[rendition.name]["playlist"] = box.put(text.encode())
        playlists[rendition.name] = f"{entries[rendition.name]['playlist']}.m3u8"
    sizes = {each.name: {"width": each.width, "height": each.height} for each in video.video}
    return {
        "format": STREAM_FORM,
        "duration_ms": video.duration_ms,
        "video": [
            entries[each.name] | sizes[each.name] | {"frame_rate": round(each.frame_rate)} for each in video.video
        ],
        "audio": [entries[each.name] | {"language": course.languages[0]} for each in video.audio],
        "playlist": box.put(master_playlist(video.video, video.audio, playlists).encode()),
    }


def _rendition(rendition: Rendition, box: Box) -> dict[str, Any]:
    content = rendition.path.read_bytes()

    def digest(offset: int, length: int) -> str:
        return sha256(content[offset : offset + length]).hexdigest()

    return {
        "name": rendition.name,
        "codecs": rendition.codecs,
        "object": box.put_file(rendition.path),
        "bytes": rendition.bytes,
        "init": [*rendition.init, digest(*rendition.init)],
        "segments": [[start, size, ms, digest(start, size)] for start, size, ms in rendition.segments],
    }


def _captions(activity: Activity, box: Box) -> list[dict[str, Any]]:
    entries = []
    for language, path in activity.captions.items():
        raw = read_captions(path)
        entries.append({"language": language, "object": box.put(raw), "bytes": len(raw)})
    return entries
