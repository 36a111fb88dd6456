"""Whether a course folder is what it was when it was last packed: then nothing needs to be read but its bytes.

A stamp is one digest over every file's name and bytes, and over the recipe: this package's own code and the libraries
that turn sources into objects. So whatever could make another release makes another stamp.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from offline_bundles.canonical import read_manifest
from offline_bundles.errors import BundleError
from offline_bundles.forms import RELEASE_FORM
from offline_bundles.opening.contents import objects_of
from offline_bundles.packing.report import Report
from offline_bundles.records import PackedRelease, ReleaseRecord
from offline_bundles.stores import ObjectStore
from offline_bundles.stores.hashing import digest_of

FILES_MAX = 50_000  # more is no course folder; it is packed as if it had changed
PACKAGE = Path(__file__).parent.parent
LIBRARIES = ("imageio-ffmpeg", "markdown-it-py", "nh3", "pillow", "pyyaml")


def stamp_of(source: Path) -> str | None:
    """None for a folder that has too many files."""
    files = sorted(path for path in source.rglob("*") if path.is_file())
    if len(files) > FILES_MAX:
        return None
    stamp = sha256(_recipe().encode())
    for line in _named(files, source):
        stamp.update(line)
    return stamp.hexdigest()


def packed_before(stamp: str | None, previous: ReleaseRecord, store: ObjectStore, folder: Path) -> PackedRelease | None:
    """The release that these very files gave, if it is the previous one and the store still has all of it."""
    try:
        kept = json.loads((folder / f"{stamp}.json").read_text(encoding="utf-8"))
        if kept["root"] != previous.root or not all(store.has(ref.digest) for ref in objects_of(previous.root, store)):
            return None
        manifest = read_manifest(store.read(previous.root), RELEASE_FORM)
        report = replace(Report.from_json(kept["report"]), encoded=0, new_objects=0)
    except (OSError, ValueError, KeyError, TypeError, BundleError):
        return None  # nothing was kept, or it is worth nothing: packing says what is true
    return PackedRelease(previous, manifest, {}, report, is_new=False)


def keep_stamp(stamp: str | None, source: Path, packed: PackedRelease, folder: Path) -> None:
    """Remembers what these files gave, unless they were changed while they were packed."""
    if stamp is None or stamp_of(source) != stamp:
        return
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"root": packed.record.root, "report": packed.report.as_json()}
    draft = folder / f".{stamp}"
    draft.write_text(json.dumps(kept), encoding="utf-8")
    draft.replace(folder / f"{stamp}.json")


def _named(files: list[Path], source: Path) -> Iterator[bytes]:
    """A line for each file: its digest comes first, so that no name can be taken for two."""
    for path in files:
        with path.open("rb") as file:
            digest = digest_of(file)
        yield f"{digest} {json.dumps(str(path.relative_to(source)))}\n".encode()


@cache
def _recipe() -> str:
    code = sha256()
    for line in _named(sorted(PACKAGE.rglob("*.py")), PACKAGE):
        code.update(line)
    return " ".join((code.hexdigest(), *(f"{name}-{version(name)}" for name in LIBRARIES)))
