"""HLS playlists, written by us: ffmpeg's differ from version to version. Source: RFC 8216, sections 4.3 and 4.4.

Each rendition is one file; its playlist names byte ranges in it (EXT-X-BYTERANGE), so the same bytes serve players
that know HLS, those fed by script, and a plain `<video src>`.
"""

import math
from collections.abc import Mapping, Sequence

from offline_bundles.media.encoded import Rendition

VERSION = 7  # fMP4 with EXT-X-MAP in an ordinary playlist


def media_playlist(rendition: Rendition, file_name: str) -> str:
    """The segments of one rendition, all in the file of that name."""
    offset, length = rendition.init
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{_target_seconds(rendition)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f"#EXT-X-MAP:URI={_quoted(file_name)},BYTERANGE={_quoted(f'{length}@{offset}')}",
    ]
    for start, size, duration in rendition.segments:
        lines += [f"#EXTINF:{duration / 1000:.3f},", f"#EXT-X-BYTERANGE:{size}@{start}", file_name]
    return "\n".join((*lines, "#EXT-X-ENDLIST", ""))


def _target_seconds(rendition: Rendition) -> int:
    return max(1, math.ceil(max(duration for _, _, duration in rendition.segments) / 1000))


def master_playlist(video: Sequence[Rendition], audio: Sequence[Rendition], names: Mapping[str, str]) -> str:
    """Every picture with every sound; `names` are the media playlists' file names by rendition.

    Each codec of the sound is a group of its own: a player takes the first variant that it can play in full.
    """
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [_sound(one, names[one.name]) for one in audio]
    for picture in video:
        for one in audio or (None,):
            lines += [_variant(picture, one), names[picture.name]]
    return "\n".join((*lines, ""))


def _sound(sound: Rendition, file_name: str) -> str:
    language = f",LANGUAGE={_quoted(sound.language)}" if sound.language else ""
    return (
        f"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID={_quoted(sound.name)},NAME={_quoted(sound.name)}{language},"
        f'DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",URI={_quoted(file_name)}'
    )


def _variant(picture: Rendition, sound: Rendition | None) -> str:
    both = (picture, sound) if sound else (picture,)
    codecs = ",".join(each.codecs for each in both)
    group = f",AUDIO={_quoted(sound.name)}" if sound else ""
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={sum(_peak(each) for each in both)},"
        f"AVERAGE-BANDWIDTH={sum(_average(each) for each in both)},"
        f"CODECS={_quoted(codecs)},RESOLUTION={picture.width}x{picture.height},"
        f"FRAME-RATE={picture.frame_rate:.3f}{group}"
    )


def _peak(rendition: Rendition) -> int:
    """Bits a second of the largest segment (RFC 8216, 4.3.4.2: of at least half the target duration)."""
    half = _target_seconds(rendition) * 500
    rates = [size * 8000 // duration for _, size, duration in rendition.segments if duration >= half]
    return max([*rates, _average(rendition)])


def _average(rendition: Rendition) -> int:
    return rendition.bytes * 8000 // max(1, rendition.duration_ms)


def _quoted(text: str) -> str:
    """A quoted string of RFC 8216, 4.2, which knows no escapes."""
    if any(letter in text for letter in '"\r\n'):
        raise ValueError(f"a playlist cannot hold the name {text!r}")
    return f'"{text}"'
