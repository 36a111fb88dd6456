"""What a phone fetches to go from one release to another: one reply, made when the release is published.

The last few pairs are made then, at the best compression, and kept in files; a phone that is further behind, or holds
nothing yet of a course that was published before this server was, gets its own composed when it asks.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import brotli
from sqlmodel import Session, col, select

from offline_bundles import ObjectStore, update_pack
from offline_bundles.errors import MissingObject
from server import errors
from server.serving.encodings import Compressed
from server.tables import Release, ReleaseState

RELEASES_BEHIND_PREPARED = 3  # phones that were online within the last weeks; the others are few
BEST_QUALITY = 11  # once for all phones: 2-3 % less than what is composed on demand
FIRST = "first"  # the file of those who hold nothing


@dataclass(frozen=True, slots=True)
class Updates:
    folder: Path
    store: ObjectStore
    compressed: Compressed

    def prepare(self, root: str, sinces: Sequence[str]) -> None:
        """Makes the updates to a release from each of these, and from nothing."""
        for since in ("", *sinces):
            path = self._path(root, since)
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
                draft.write_bytes(brotli.compress(self._compose(root, since), quality=BEST_QUALITY))
                draft.replace(path)

    def of(self, root: str, since: str, encoding: str, after: int = 0) -> bytes:
        """Compressed, or plain when `encoding` is empty; without the first `after` objects. Raises `NotFound`."""
        path = self._path(root, since)
        if encoding == "br" and not after and path.is_file():
            return path.read_bytes()
        if not encoding:
            return self._compose(root, since, after)
        return self.compressed.made(
            f"update/{root}/{since}/{after}", encoding, lambda: self._compose(root, since, after)
        )

    def drop_all_but(self, roots: frozenset[str]) -> None:
        """Frees what was prepared for releases that are no longer kept."""
        for path in self.folder.glob("*/*"):
            if path.parent.name not in roots:
                path.unlink(missing_ok=True)

    def _compose(self, root: str, since: str, after: int = 0) -> bytes:
        try:
            return update_pack(root, since or None, self.store, after=after)
        except MissingObject as error:
            raise errors.NotFound("object", root, "The store has lost part of this release: pack it again.") from error

    def _path(self, root: str, since: str) -> Path:
        return self.folder / root / (since or FIRST)


def published_before(session: Session, root: str) -> list[str]:
    """The roots of a course's last few published releases before this one, the newest first."""
    release = session.exec(select(Release).where(Release.root == root)).one()
    before = select(Release.root).where(
        Release.organisation_id == release.organisation_id,
        Release.course_id == release.course_id,
        Release.state == ReleaseState.PUBLISHED,
        Release.number < release.number,
    )
    return list(session.exec(before.order_by(col(Release.number).desc()).limit(RELEASES_BEHIND_PREPARED)))


def known_since(session: Session, root: str, since: str) -> str:
    """The root that a phone says it holds, if it is one of the same course; else empty. Raises `NotFound`."""
    release = session.exec(select(Release).where(Release.root == root)).first()
    if release is None:
        raise errors.NotFound("release", root, "Ask at the next exchange which one is newest.")
    held = session.exec(
        select(Release.root).where(
            Release.organisation_id == release.organisation_id,
            Release.course_id == release.course_id,
            Release.root == since,
        )
    ).first()
    return held or ""
