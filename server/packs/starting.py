"""Starts the process that packs, and starts it again when it died before its work was done.

Whoever asks for a pack starts one; the lock decides who works. A server looks every few seconds, since the one that
works may be a command's, and may be killed.
"""

import logging
import os
import subprocess
import sys
import threading

from server.database import Database
from server.packs import asking
from server.packs.homes import name_of
from server.settings import Settings

LOOK_SECONDS = 5.0  # between two looks for work that nobody does
AGAIN_SECONDS_MAX = 300.0  # a worker that fails at once is started ever more rarely
LOG = "packing.log"
log = logging.getLogger(__name__)


def start_worker(settings: Settings) -> "subprocess.Popen[bytes]":
    """It outlives a command that is ended, and writes what goes wrong to `packing.log` in the home folder."""
    prefix = str(Settings.model_config["env_prefix"])
    said = {f"{prefix}{name.upper()}": str(value) for name, value in settings}
    with (settings.home / LOG).open("ab") as lines:
        return subprocess.Popen(
            (sys.executable, "-m", "server.packs.worker"),
            env={**os.environ, **said},
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=lines,
            start_new_session=True,
        )


class PackingWorker:
    """A server's hand on the worker: woken when something was asked for, looking by itself otherwise."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        self._woken, self._ends = threading.Event(), threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="packing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Ends the worker: the next server goes on where it was."""
        self._ends.set()
        self._woken.set()
        self._thread.join()
        if self._process is None or self._process.poll() is not None:
            return
        self._process.kill()  # as a power cut would: it keeps nothing that is not kept elsewhere
        self._process.wait()
        with self._database.writing() as session:
            asking.put_down(session, name_of(self._settings.home))

    def _watch(self) -> None:
        wait = LOOK_SECONDS
        while not self._ends.is_set():
            try:
                failed = self._look()
            except Exception as error:  # the loop's edge: packing waits, phones are served
                log.error("packing cannot be started", exc_info=error)
                failed = True
            wait = min(wait * 2, AGAIN_SECONDS_MAX) if failed else LOOK_SECONDS
            self._woken.wait(wait)
            self._woken.clear()

    def _look(self) -> bool:
        """Starts a worker where one is needed; whether the last one failed."""
        code = self._process.poll() if self._process else None
        if self._process and code is None:
            return False
        with self._database.reading() as session:
            waiting = bool(asking.unfinished(session, name_of(self._settings.home)))
        self._process = start_worker(self._settings) if waiting else None
        return bool(code)
