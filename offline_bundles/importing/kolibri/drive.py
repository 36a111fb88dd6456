"""One channel of a drive that holds several: its database is named, and its files are found in the storage beside it.

A drive lays out `content/databases/<channel>.sqlite3` and `content/storage/a/b/ab….mp4`, the storage shared by every
channel. Only files that the database lists are looked for: listing a storage of 200,000 files takes minutes on a card.
"""

import re
from itertools import islice
from pathlib import Path

from offline_bundles.importing.archives import FILES_MAX
from offline_bundles.importing.kolibri.database import read_database
from offline_bundles.importing.kolibri.rows import text
from offline_bundles.importing.packages import FilesPackage
from offline_bundles.importing.ports import Package

DATABASE_ENDINGS = (".sqlite3", ".sqlite", ".db")
STORED = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,10}")  # a file by its digest, a database by its channel
CHANNELS_SHOWN = 12  # by their titles, each of which stands in a database of its own


def with_its_storage(path: Path, package: Package) -> Package:
    """What `path` alone was opened as; where it is a database of a drive, with the files that it lists.

    Raises `BrokenPackage`.
    """
    drive = path.resolve().parent.parent
    if not (STORED.fullmatch(path.name) and path.name.endswith(DATABASE_ENDINGS) and (drive / "storage").is_dir()):
        return package
    rows = read_database(package, path.name, ("content_localfile",))["content_localfile"]
    listed = (f"{text(row, 'id')}.{text(row, 'extension')}".lower() for row in rows)
    places = {f"storage/{name[0]}/{name[1]}/{name}" for name in listed if STORED.fullmatch(name)}
    there = ((place, drive / place) for place in sorted(places))
    inside = ((place, found) for place, found in there if found.is_file() and found.resolve().is_relative_to(drive))
    return FilesPackage(package.name, {path.name: path, **dict(islice(inside, FILES_MAX))})


def told(package: Package, channels: list[str]) -> str:
    """Each channel by its title and its file, and how one is imported."""
    shown = [_told(package, name) for name in channels[:CHANNELS_SHOWN]]
    more = [f"and {len(channels) - len(shown)} more"] if len(channels) > len(shown) else []
    how = (
        f"Name the database of one, as tiffin import {package.name}/{channels[0]}: "
        "what it needs of storage/ is found by itself. (An archive must be unpacked for that.)"
        if channels[0].endswith(DATABASE_ENDINGS)
        else "Name the file of one, or put it into a folder of its own with its files."
    )
    return f"{package.name} holds {len(channels)} channels: {', '.join((*shown, *more))}. {how}"


def _told(package: Package, name: str) -> str:
    if not name.endswith(DATABASE_ENDINGS):
        return name
    rows = read_database(package, name, ("content_channelmetadata",))["content_channelmetadata"]
    title = next((text(row, "name") for row in rows), "")
    return f"{title} ({name})" if title else name
