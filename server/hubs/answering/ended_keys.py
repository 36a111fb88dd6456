"""Keys that were hubs' and are no more, remembered for good: a laptop that was lost may come back years later.

Whoever shows one, and proves that it holds it, is told what to do, and an administrator sees that it came. An ended key
is never welcome again: the laptop that has it may be in other hands, and a new key costs nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from server.database import Database
from server.tables import Hub, HubEndedKey
from server.tables.ids import now_ms
from sync.errors import RevokedDevice, UnknownDevice

FORMER_MAX = 20  # of one hub: each is tried on a request that its present key did not sign
KNOCK_NOTED_MS = 60_000  # a laptop that never stops knocking costs one write a minute


class RevokedKeyShown(RevokedDevice):
    """An administrator ended this key."""

    def __init__(self, key: HubEndedKey) -> None:
        day = datetime.fromtimestamp(key.ended_ms / 1000, UTC)
        super().__init__(
            f"An administrator ended this hub's key on {day:%Y-%m-%d}. What is on this laptop stays here."
            " To use it as a hub again, ask for a code, then: tiffin hub join --new-key URL CODE"
        )
        self.public_key = key.public_key


class FormerKeyShown(UnknownDevice):
    """Another laptop, or this one anew, is to be this hub."""

    def __init__(self, key: HubEndedKey) -> None:
        super().__init__("Another code was made for this hub. Join with it: tiffin hub join URL CODE")
        self.public_key = key.public_key


SHOWN = (RevokedKeyShown, FormerKeyShown)


def shown(key: HubEndedKey) -> RevokedKeyShown | FormerKeyShown:
    return RevokedKeyShown(key) if key.revoked else FormerKeyShown(key)


def remember(session: Session, hub: Hub) -> None:
    """The hub's present key, if it has one. What was revoked stays revoked."""
    kept = session.get(HubEndedKey, hub.public_key)
    if not hub.public_key or (kept and kept.revoked):
        return
    kept = kept or HubEndedKey(public_key=hub.public_key, hub_id=hub.id, revoked=False)
    kept.revoked, kept.ended_ms = hub.revoked_ms is not None, now_ms()
    session.add(kept)
    session.flush()


def check(session: Session, public_key: bytes) -> None:
    """Raises `RevokedKeyShown`, whatever code comes with the key."""
    kept = session.get(HubEndedKey, public_key)
    if kept and kept.revoked:
        raise RevokedKeyShown(kept)


def of(session: Session, hub_id: str) -> list[HubEndedKey]:
    """The newest first: it is the one that comes."""
    of_hub = select(HubEndedKey).where(HubEndedKey.hub_id == hub_id)
    return list(session.exec(of_hub.order_by(col(HubEndedKey.ended_ms).desc()).limit(FORMER_MAX)))


@contextmanager
def knocks_noted(database: Database) -> Iterator[None]:
    """Notes in a transaction of its own who shows an ended key: the one that refuses her is undone."""
    try:
        yield
    except SHOWN as refusal:
        _note_knock(database, refusal.public_key)
        raise


def _note_knock(database: Database, public_key: bytes) -> None:
    with database.reading() as session:
        knocked_ms = session.get_one(HubEndedKey, public_key).knocked_ms
    if now_ms() - (knocked_ms or 0) < KNOCK_NOTED_MS:
        return
    with database.writing() as session:
        kept = session.get_one(HubEndedKey, public_key)
        kept.knocked_ms = now_ms()
        session.add(kept)
