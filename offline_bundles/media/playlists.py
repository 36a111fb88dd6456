"""HLS playlists, written by us: ffmpeg's differ from version to version. Source: RFC 8216, sections 4.3 and 4.4.

Each rendition is one file; its playlist names byte ranges in it (EXT-X-BYTERANGE), so the same bytes serve players
that know HLS, those fed by script, and a plain `<video src>`.
"""

import math
from collections.abc import Mapping, Sequence

from offline_bundles.media.encoded import Rendition

VERSION = 7  # fMP4 with EXT-X-MAP in an ordinary playlist


def media_playlist(rendition: Rendition, file_name: str) -> str:
    longest = max(duration for _, _, duration in rendition.segments)
    offset, length = rendition.init
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{math.ceil(longest / 1000)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{file_name}",BYTERANGE="{length}@{offset}"',
    ]
    for start, size, duration in rendition.segments:
        lines += [f"#EXTINF:{duration / 1000:.3f},", f"#EXT-X-BYTERANGE:{size}@{start}", file_name]
    return "\n".join((*lines, "#EXT-X-ENDLIST", ""))


def master_playlist(video: Sequence[Rendition], audio: Sequence[Rendition], names: Mapping[str, str]) -> str:
    """Every picture with every sound; `names` are the media playlists' file names by rendition."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for sound in audio:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{sound.name}",NAME="{sound.name}",'
            f'DEFAULT=YES,AUTOSELECT=YES,URI="{names[sound.name]}"'
        )
    for picture in video:
        sounds: Sequence[Rendition | None] = audio or (None,)
        for one in sounds:
            lines += [_variant(picture, one), names[picture.name]]
    return "\n".join((*lines, ""))


def _variant(picture: Rendition, sound: Rendition | None) -> str:
    both = (picture, sound) if sound else (picture,)
    codecs = ",".join(each.codecs for each in both)
    group = f',AUDIO="{sound.name}"' if sound else ""
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={sum(_peak(each) for each in both)},"
        f"AVERAGE-BANDWIDTH={sum(_average(each) for each in both)},"
        f'CODECS="{codecs}",RESOLUTION={picture.width}x{picture.height},FRAME-RATE={picture.frame_rate:.3f}{group}'
    )


def _peak(rendition: Rendition) -> int:
    """Bits a second of the largest segment."""
    return max(size * 8000 // max(1, duration) for _, size, duration in rendition.segments)


def _average(rendition: Rendition) -> int:
    duration = sum(duration for _, _, duration in rendition.segments)
    return rendition.bytes * 8000 // max(1, duration)
