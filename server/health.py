"""Whether this server can take work. `/livez` asks nothing; `/readyz` asks all of this."""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from offline_bundles.errors import StoreFails
from server.database import Database
from server.shapes.health import Check, Ready
from server.tables import ServerState
from server.tables.ids import now_ms

LOW_DISK_TIMES = 10  # the least that is needed: time to act before the server turns work away
FRESH_SECONDS = 1.0  # anyone may ask; however often they do, the disk is written once a second at most
# What a crowd brings is worked off within minutes, and it must not be turned away meanwhile; older, something is stuck.
UNREAD_SECONDS_MAX = 3_600

log = logging.getLogger(__name__)
Lag = Callable[[], dict[str, int]]  # by consumer: log positions that it may still have to read
Probe = Callable[[], None]  # asks the bucket, in bounded time; raises `StoreFails`
UnreadSince = Callable[[], dict[str, int]]  # by consumer: when the oldest entry came that it has not read, in ms


@dataclass(frozen=True, slots=True)
class Standing:
    """How the server itself stands, as its administrator is told."""

    checks_failing: int
    disk_low: bool


class Health:
    """`probe_bucket`: where objects are in one; a folder is on the disk, which is asked anyway."""

    def __init__(
        self,
        database: Database,
        home: Path,
        disk_free_bytes_min: int,
        unread_since_ms: UnreadSince,
        probe_bucket: Probe | None,
    ) -> None:
        self._database = database
        self._home = home
        self._disk_free_bytes_min = disk_free_bytes_min
        self._unread_since_ms = unread_since_ms
        self._probe_bucket = probe_bucket
        self._lock = threading.Lock()
        self._last: tuple[float, Ready] | None = None
        self.draining = False

    def check(self) -> Ready:
        if self.draining:
            return Ready(ready=False, checks=[Check(name="draining", ok=False, detail="the server is ending")])
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > FRESH_SECONDS:
                self._last = (time.monotonic(), self._asked())
            return self._last[1]

    def standing(self) -> Standing:
        failing = [check for check in self.check().checks if not check.ok]
        low = shutil.disk_usage(self._home).free < LOW_DISK_TIMES * self._disk_free_bytes_min
        return Standing(len(failing), low)

    def _asked(self) -> Ready:
        asked = [("write", self._write), ("schema", self._schema), ("disk", self._disk), ("consumers", self._consumers)]
        if self._probe_bucket:
            asked.append(("bucket", partial(_bucket, self._probe_bucket)))
        checks = [_check(name, ask) for name, ask in asked]
        return Ready(ready=all(check.ok for check in checks), checks=checks)

    def _write(self) -> tuple[bool, str]:
        with self._database.writing() as session:
            session.merge(ServerState(name="probe", value=str(now_ms()).encode()))
        return True, ""

    def _schema(self) -> tuple[bool, str]:
        at_head = self._database.is_at_head()
        return at_head, "" if at_head else "the tables are of another version: restart the server"

    def _disk(self) -> tuple[bool, str]:
        free = shutil.disk_usage(self._home).free
        return free >= self._disk_free_bytes_min, f"{free / 1e9:.1f} GB free"

    def _consumers(self) -> tuple[bool, str]:
        since_ms = self._unread_since_ms()
        slowest = min(since_ms, key=lambda name: since_ms[name], default="")
        if not slowest:
            return True, ""
        seconds = max(0, now_ms() - since_ms[slowest]) // 1000
        return seconds <= UNREAD_SECONDS_MAX, f"{slowest} is {seconds} seconds behind"


def _bucket(probe: Probe) -> tuple[bool, str]:
    """Anyone may ask: what the bucket said, its address among it, is for the log."""
    try:
        probe()
    except StoreFails as error:
        log.warning("%s", error)
        return False, "the bucket does not answer, or refuses: the server's log says how"
    return True, ""


def _check(name: str, ask: Callable[[], tuple[bool, str]]) -> Check:
    try:
        ok, detail = ask()
    except (SQLAlchemyError, OSError) as exc:
        return Check(name=name, ok=False, detail=type(exc).__name__)
    return Check(name=name, ok=ok, detail=detail)
