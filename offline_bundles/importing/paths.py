"""Paths inside a package: with slashes, relative, leading nowhere outside. What they may be is decided here alone."""

import posixpath
import re
from urllib.parse import unquote, urlsplit

from offline_bundles.errors import BrokenPackage

PATH_CHARACTERS_MAX = 1_000  # Moodle and Canvas stay under 260; file systems take no more than 4,096 bytes
DEPTH_MAX = 40  # folders within folders: Open edX has 3, Markdown courses some 8
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DRIVE = re.compile(r"[A-Za-z]:")
IGNORED = {"__MACOSX", ".git", ".DS_Store", "Thumbs.db"}  # what systems leave behind; never a part of a course


def checked_path(written: str, where: str) -> str:
    """A member's path, normalised. `where` is the package's name, for the message. Raises `BrokenPackage`."""
    path = written.replace("\\", "/")
    if len(path) > PATH_CHARACTERS_MAX:
        raise BrokenPackage(f"{where}: a file's name has {len(path)} characters; {PATH_CHARACTERS_MAX} are read.")
    if CONTROL.search(path):
        raise BrokenPackage(f"{where}: the file name {path!r} holds control characters. Pack the course again.")
    if path.startswith("/") or DRIVE.match(path) or ".." in path.split("/"):
        raise BrokenPackage(f"{where}: the file name {path!r} leads out of the package. Do not trust this file.")
    if path.count("/") > DEPTH_MAX:
        raise BrokenPackage(f"{where}: {path[:80]!r} lies more than {DEPTH_MAX} folders deep.")
    return posixpath.normpath(path)


def is_ignored(path: str) -> bool:
    return any(part in IGNORED for part in path.split("/"))


def is_remote(link: str) -> bool:
    """A link that leaves the package: it has a scheme, or a host."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return True
    return bool(parts.scheme or parts.netloc)


def joined(base: str, link: str) -> str:
    """The path that a relative link in the folder `base` stands for; "" when it leads outside, or is none."""
    path = unquote(re.split(r"[?#]", link.strip(), maxsplit=1)[0]).replace("\\", "/")
    if not path or is_remote(link) or CONTROL.search(path):
        return ""
    whole = posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(base, path))
    return "" if whole in ("..", ".") or whole.startswith(("../", "/")) else whole
