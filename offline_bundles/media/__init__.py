"""Video, sound and pictures, made small and the same each time."""

from offline_bundles.media.cached import source_digest
from offline_bundles.media.claims import Claims
from offline_bundles.media.encoded import EncodedVideo, Picture, Rendition
from offline_bundles.media.film import Film, PlannedRung, Progress, open_film
from offline_bundles.media.glance import glance_at_film, glance_at_recording
from offline_bundles.media.pictures import encode_picture
from offline_bundles.media.playlists import master_playlist, media_playlist
from offline_bundles.media.video import (
    LeftOut,
    encode_video,
    is_whole_in_cache,
    make_rung,
)

__all__ = [
    "Claims",
    "EncodedVideo",
    "Film",
    "LeftOut",
    "Picture",
    "PlannedRung",
    "Progress",
    "Rendition",
    "encode_picture",
    "encode_video",
    "glance_at_film",
    "glance_at_recording",
    "is_whole_in_cache",
    "make_rung",
    "master_playlist",
    "media_playlist",
    "open_film",
    "source_digest",
]
