"""Rounds to the upstream beside a hub's requests: one every few minutes, rarer while there is no way up."""

import logging
import threading
import time
from dataclasses import dataclass, field

from server.errors import TiffinError
from server.exchange.service import ExchangeService
from server.hubs.asking.uplink import Uplink
from server.people.upward import upstream_of
from server.tables import Upstream

LOOK_SECONDS = 5.0  # a phone that is beside the hub is asked again before it is carried off; a look costs 0.1 ms
WAIT_FACTOR_MAX = 8  # of the interval, after failures: a classroom has no network for days
log = logging.getLogger(__name__)


@dataclass
class Background:
    uplink: Uplink
    exchange: ExchangeService
    interval_seconds: float
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self.settle_doubt()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The round under way is not waited for: whatever it is cut at, the next goes on from there."""
        self._ended.set()

    def _run(self) -> None:
        factor = 1
        while not self._ended.is_set():
            factor = 1 if self._round() else min(2 * factor, WAIT_FACTOR_MAX)
            self.settle_doubt()
            self._rest(factor * self.interval_seconds)

    def _rest(self, seconds: float) -> None:
        """A round by hand beside this server (`tiffin hub sync`) may find meanwhile that a copy was altered."""
        until = time.monotonic() + seconds
        while not self._ended.wait(min(LOOK_SECONDS, seconds)):
            self.settle_doubt()
            if time.monotonic() >= until:
                return

    def _round(self) -> bool:
        try:
            done = self.uplink.run()
        except TiffinError as error:
            log.info("no uplink: %s", error)
            return False
        except Exception:
            log.exception("the uplink failed; it is tried again")
            return False
        log.info("uplink", extra={"delivered": done.delivered, "entries": done.entries, "refused": done.refused})
        return True

    def settle_doubt(self) -> None:
        """A copy of ours was altered, so whatever else was may be too: under a new epoch every phone offers again what
        it holds, and that is handed on."""
        with self.uplink.database.reading() as session:
            row = upstream_of(session)
        if row is None or not row.doubtful:
            return
        log.warning("the upstream found a copy of ours altered: every phone is asked again")
        self.exchange.renew_epoch()
        with self.uplink.database.writing() as session:
            kept = session.get_one(Upstream, 1)
            kept.doubtful = False
            session.add(kept)
