"""What a course weighs: a minute of lecture, an update of one page, and packing again what has not changed.

The lecture is a real one, a hand that writes while someone speaks, when the real data lies beside the project, and
the sample course's slides otherwise; how each rung looks is told of both. Every byte is counted from what packing
wrote; nothing is estimated.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.updating import manifest_bytes
from offline_bundles import FolderStore, PackedRelease, Signer, objects_of, pack, read_update, update_pack
from offline_bundles.card import write_objects
from offline_bundles.media import EncodedVideo, encode_video
from offline_bundles.stores.hashing import digest_of
from server.serving.encodings import compress

PROJECT = Path(__file__).parent.parent
DATA = Path(os.environ.get("TIFFIN_TEST_DATA", PROJECT.parent / "shared" / "data"))
REAL_LECTURE = DATA / "video-lecture-fi" / "prosenttiarvo2.mp4"
SAMPLE = PROJECT / "samples" / "water-and-health"
SAMPLE_LECTURE = SAMPLE / "media" / "lecture.mp4"
CHANGED_PAGE = "pages/why.en.md"
MS_PER_MINUTE = 60_000
CARD_RENDITIONS, RENDITION_BYTES = 64, 2 << 20  # six hours of lectures at the lowest rung, beside the course itself
COPY_BYTES = 1 << 20
TRIES = 7  # the fastest of as many: the machine is everybody's


def figures() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield from lectures(Path(folder) / "cache")
        course = Course(Path(folder))
        first = course.packed()
        again = course.packed(first)
        yield "pack.again.encoded", again.report.encoded, "files"
        yield "repack.new_objects", again.report.new_objects, "objects"
        yield "repack.over_hash.ratio", repack_over_hash(course, first), "x"
        course.change_a_page()
        yield from course.update(first, course.packed(first))
        yield "update.manifest.bytes", manifest_bytes(FolderStore(Path(folder) / "large")), "B"
        yield "export.over_copy.ratio", export_over_copy(course.store, Path(folder)), "x"


def lectures(cache: Path) -> Iterator[tuple[str, float, str]]:
    """`pack.lecture_minute.bytes` and `pack.<rung>.…` of the real lecture, `pack.sample.<rung>.…` of the sample's."""
    sample = encode_video(SAMPLE_LECTURE, cache=cache)
    lecture = encode_video(REAL_LECTURE, cache=cache) if REAL_LECTURE.is_file() else sample
    smallest = lecture.video[0].bytes + lecture.audio[0].bytes  # each a whole file with its boxes
    yield "pack.lecture_minute.bytes", smallest * MS_PER_MINUTE / lecture.duration_ms, "B"
    if lecture is not sample:
        yield from rungs("pack", lecture)
    yield from rungs("pack.sample", sample)


def rungs(prefix: str, video: EncodedVideo) -> Iterator[tuple[str, float, str]]:
    for rendition in (*video.video, *video.audio):
        yield f"{prefix}.{rendition.name}.bytes_per_minute", rendition.bytes_a_minute, "B"
        if rendition.vmaf is not None:
            yield f"{prefix}.{rendition.name}.vmaf", rendition.vmaf, "VMAF"


def repack_over_hash(course: "Course", first: PackedRelease) -> float:
    """The time to pack a course again in which nothing changed over the time to hash its files."""
    files = [path for path in course.source.rglob("*") if path.is_file()]

    def hash_all() -> None:
        for path in files:
            with path.open("rb") as file:
                digest_of(file)

    packing = min(_seconds(lambda: course.packed(first)) for _ in range(TRIES))
    return packing / min(_seconds(hash_all) for _ in range(TRIES))


def export_over_copy(store: FolderStore, folder: Path) -> float:
    """The time to write a card over the time of a plain copy of the same file with fsync, side by side."""
    for _ in range(CARD_RENDITIONS):
        store.put(os.urandom(RENDITION_BYTES))
    digests, card = list(store.digests()), folder / "card.zip"
    writing, copying = [], []
    for _ in range(TRIES):
        writing.append(_seconds(lambda: write_objects((), digests, store, card)))
        copying.append(_seconds(lambda: _copy(card, folder / "copy.zip")))
    print(f"a card of {card.stat().st_size} B: {min(writing):.3f} s; its copy {min(copying):.3f} s", file=sys.stderr)
    return min(writing) / min(copying)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, COPY_BYTES)
        writing.flush()
        os.fsync(writing.fileno())


class Course:
    """A copy of the sample course that may be changed, and where it is packed."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "course"
        shutil.copytree(SAMPLE, self.source)
        self.store = FolderStore(folder / "store")
        self.cache = folder / "cache"
        self.signer = Signer.generate()

    def packed(self, previous: PackedRelease | None = None) -> PackedRelease:
        record = previous.record if previous else None
        return pack(self.source, store=self.store, cache=self.cache, signer=self.signer, previous=record)

    def change_a_page(self) -> None:
        page = self.source / CHANGED_PAGE
        page.write_text(page.read_text(encoding="utf-8") + "\nTell one neighbour today.\n", encoding="utf-8")

    def update(self, first: PackedRelease, second: PackedRelease) -> Iterator[tuple[str, float, str]]:
        """What a phone fetches to go from one release to the next.

        The ratio is over the new objects' own bytes and compares like with like: neither side is compressed, and
        HTTP's headers are apart. `update.wire.bytes` is the same update as the server sends it, in Brotli.
        """
        held = {ref.digest for ref in objects_of(first.record.root, self.store)}
        new = [ref for ref in objects_of(second.record.root, self.store) if ref.digest not in held]
        own = sum(self.store.size(ref.digest) for ref in new)
        texts = update_pack(second.record.root, first.record.root, self.store)
        by_range = sum(self.store.size(ref.digest) for ref in new) - sum(len(raw) for _, raw in read_update(texts))
        print(f"{len(new)} new objects, {own} B: a pack of {len(texts)} B, {by_range} B by range", file=sys.stderr)
        yield "update.overhead.ratio", (len(texts) + by_range) / own, "x"
        yield "update.wire.bytes", len(compress(texts, "br")) + by_range, "B"
