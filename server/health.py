"""Whether this server can take work. `/livez` asks nothing; `/readyz` asks all of this."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from server.database import Database
from server.shapes.health import Check, Ready
from server.tables import ServerState
from server.tables.ids import now_ms

FRESH_SECONDS = 1.0  # anyone may ask; however often they do, the disk is written once a second at most
LAG_ENTRIES_MAX = 50_000  # a day's entries of 5,000 phones; beyond it what trainers see is too old to act on


Lag = Callable[[], dict[str, int]]  # by consumer: log positions that it may still have to read


class Health:
    def __init__(self, database: Database, home: Path, disk_free_bytes_min: int, lag: Lag) -> None:
        self._database = database
        self._home = home
        self._disk_free_bytes_min = disk_free_bytes_min
        self._lag_of_consumers = lag
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

    def _asked(self) -> Ready:
        asked = (("write", self._write), ("schema", self._schema), ("disk", self._disk), ("consumers", self._lag))
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

    def _lag(self) -> tuple[bool, str]:
        behind = self._lag_of_consumers()
        slowest = max(behind, key=lambda name: behind[name], default="")
        lag = behind.get(slowest, 0)
        return lag <= LAG_ENTRIES_MAX, f"{slowest} is {lag} entries behind" if lag else ""


def _check(name: str, ask: Callable[[], tuple[bool, str]]) -> Check:
    try:
        ok, detail = ask()
    except (SQLAlchemyError, OSError) as exc:
        return Check(name=name, ok=False, detail=type(exc).__name__)
    return Check(name=name, ok=ok, detail=detail)
