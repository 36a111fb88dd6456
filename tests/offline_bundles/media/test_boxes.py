"""The box parser meets files that someone made to break it."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_bundles.errors import MediaError
from offline_bundles.media import boxes
from offline_bundles.media.boxes import Fragments, fragments

TIMESCALE = 1000
FLAGS_DURATION = 0x100


def box(kind: bytes, *content: bytes) -> bytes:
    inner = b"".join(content)
    return struct.pack(">I4s", len(inner) + 8, kind) + inner


def moov(timescale: int = TIMESCALE, entry: bytes = b"Opus") -> bytes:
    mdhd = box(b"mdhd", struct.pack(">IIIII", 0, 0, 0, timescale, 0))
    stsd = box(b"stsd", struct.pack(">II", 0, 1), box(entry, bytes(28)))
    media = box(b"mdia", mdhd, box(b"minf", box(b"stbl", stsd)))
    trex = box(b"trex", struct.pack(">IIIIII", 0, 1, 1, 500, 0, 0))
    return box(b"moov", box(b"trak", media), box(b"mvex", trex))


def segment(start: int, *durations: int) -> bytes:
    run = struct.pack(">II", FLAGS_DURATION, len(durations)) + struct.pack(f">{len(durations)}I", *durations)
    tfhd = box(b"tfhd", struct.pack(">II", 0, 1))
    tfdt = box(b"tfdt", struct.pack(">IQ", 1 << 24, start))
    return box(b"moof", box(b"traf", tfhd, tfdt, box(b"trun", run))) + box(b"mdat", b"sound")


WHOLE = box(b"ftyp", b"iso6") + moov() + segment(0, 6000, 4000) + segment(10_000, 5500)


def layout(raw: bytes) -> Fragments:
    return fragments(io.BytesIO(raw))


def test_a_layout_names_where_every_byte_lies_and_how_long_it_plays():
    found = layout(WHOLE)

    (first, first_bytes, first_ms), (second, second_bytes, second_ms) = found.segments
    assert found.init == (0, first)
    assert first + first_bytes == second
    assert second + second_bytes == len(WHOLE)
    assert (first_ms, second_ms) == (10_000, 5500)
    assert found.codecs == "opus"


def test_a_run_that_gives_no_durations_takes_the_track_s_own():
    run = box(b"trun", struct.pack(">II", 0, 3))
    tfdt = box(b"tfdt", struct.pack(">II", 0, 0))
    moof = box(b"moof", box(b"traf", box(b"tfhd", struct.pack(">II", 0, 1)), tfdt, run))

    assert layout(moov() + moof + box(b"mdat")).segments[0][2] == 1500


@given(st.binary(max_size=400))
def test_garbage_gets_an_error_and_no_crash(raw: bytes):
    with pytest.raises(MediaError):
        layout(raw)


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_one_changed_byte_gives_a_layout_within_the_file_or_an_error(at: int, value: int):
    changed = bytearray(WHOLE)
    changed[at] = value
    try:
        found = layout(bytes(changed))
    except MediaError:
        return
    assert all(start >= 0 and start + size <= len(WHOLE) and ms >= 0 for start, size, ms in found.segments)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_never_gives_a_segment_that_is_not_all_there(length: int):
    try:
        found = layout(WHOLE[:length])
    except MediaError:
        return
    assert len(found.segments) == 1
    assert found.segments[0][0] + found.segments[0][1] <= length


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(moov(timescale=0) + segment(0, 10), id="no timescale"),
        pytest.param(moov() + segment(10, 10) + segment(5, 10), id="time runs backwards"),
        pytest.param(moov(entry=b"hvc1") + segment(0, 10), id="a codec that phones lack"),
        pytest.param(segment(0, 10) + moov(), id="segments before the initialisation"),
        pytest.param(struct.pack(">I4sQ", 1, b"moov", 1 << 63), id="a box of eight exabytes"),
        pytest.param(struct.pack(">I4s", 4, b"moov"), id="a box shorter than its header"),
        pytest.param(box(b"moov", bytes(boxes.MOOV_BYTES_MAX)) + segment(0, 10), id="an initialisation of a megabyte"),
        pytest.param(moov() + box(b"moof", bytes(boxes.MOOF_BYTES_MAX)) + box(b"mdat"), id="a segment's head likewise"),
        pytest.param(box(b"free") * (boxes.TOP_BOXES_MAX + 1), id="more boxes than any lecture has"),
    ],
)
def test_what_is_out_of_all_measure_is_refused(raw: bytes):
    with pytest.raises(MediaError):
        layout(raw)
