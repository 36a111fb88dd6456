"""The rule that chooses a ladder, and the rule that takes rungs out of it again: both pure, so told in numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from offline_bundles.media import Rendition
from offline_bundles.media.features import Features
from offline_bundles.media.ladder import kind_of, video_rungs
from offline_bundles.media.probe import Probe
from offline_bundles.media.worth import worth_beside, worth_their_bytes

SLIDES = Features(changes=0.02, stills=0.98, motion=0.3, edges=0.029)
TALK = Features(changes=0.01, stills=0.05, motion=1.2, edges=0.01)
HD = Probe(duration_ms=240_000, width=1280, height=720, frame_rate=25, sounds=1, language="")


def names(source: Probe, seen: Features) -> list[str]:
    return [rung.name for rung in video_rungs(source, seen)]


def rendition(name: str, size: int, vmaf: float) -> Rendition:
    return Rendition(name=name, codecs="", path=Path(name), bytes=size, init=(0, 0), segments=(), vmaf=vmaf)


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (SLIDES, "slides"),
        (replace(SLIDES, stills=0.32), "screen"),
        (TALK, "talk"),
        (replace(TALK, changes=0.5), "camera"),
        (replace(TALK, motion=14), "camera"),
    ],
)
def test_stillness_and_movement_decide_what_a_source_is(seen: Features, kind: str):
    assert kind_of(seen) == kind


def test_only_what_is_read_and_stands_still_becomes_a_slidecast():
    assert names(HD, SLIDES) == ["240p", "360p", "slidecast"]
    assert names(HD, replace(SLIDES, edges=0.001)) == ["240p", "360p"]
    assert "slidecast" not in names(HD, TALK)


def test_what_moves_long_enough_has_av1_beside_each_rung():
    assert names(HD, TALK) == ["240p", "360p", "240p-av1", "360p-av1"]
    assert names(replace(HD, duration_ms=9_000), TALK) == ["240p", "360p"]


@pytest.mark.parametrize(
    ("size", "vmaf", "says"),
    [
        (800, 89.6, ""),
        (801, 95.0, "360p-av1 took 80 % of 360p's bytes, which saves too little"),
        (500, 89.4, "360p-av1 (VMAF 89.4) was worse than 360p (VMAF 90.0)"),
    ],
)
def test_av1_stays_where_it_is_a_fifth_smaller_and_looks_alike(size: int, vmaf: float, says: str):
    assert worth_beside(rendition("360p-av1", size, vmaf), rendition("360p", 1000, 90.0)) == says


def test_av1_without_h264_of_its_size_helps_no_old_phone():
    assert "nothing of its size" in worth_beside(rendition("360p-av1", 500, 95.0), None)


def test_no_rung_has_more_pixels_or_frames_than_its_source():
    for side in (120, 240, 300, 360, 480, 1080):
        source = replace(HD, width=side * 2, height=side, frame_rate=4)
        for rung in video_rungs(source, SLIDES):
            assert rung.width <= source.width
            assert rung.height <= source.height
            assert rung.frame_rate <= source.frame_rate


def test_a_rung_that_looks_no_better_than_a_smaller_one_goes_with_that_reason():
    small, large = rendition("240p", 1000, 90.0), rendition("360p", 2000, 90.4)

    kept, reasons = worth_their_bytes([small, large], 9000)

    assert kept == (small,)
    assert reasons == ["360p (VMAF 90.4) was no better than 240p (VMAF 90.0), which is smaller"]


def test_of_two_rungs_of_one_size_the_worse_goes_though_it_is_smaller():
    small, large = rendition("240p", 1000, 79.0), rendition("slidecast", 1030, 97.0)

    kept, reasons = worth_their_bytes([small, large], 9000)

    assert kept == (large,)
    assert reasons == ["240p (VMAF 79.0) was worse than slidecast (VMAF 97.0) at the same size"]


def test_what_outgrew_its_source_goes_however_good_it_looks():
    small, large = rendition("240p", 1000, 60.0), rendition("360p", 2000, 99.0)

    kept, reasons = worth_their_bytes([small, large], 1999)

    assert kept == (small,)
    assert reasons == ["360p was larger than its source"]
