"""A process that dies for good, by SIGKILL, before the n-th change that it would make to a disk; or the power is cut.

Then what was written and not synced is lost as well. The work is done in a process of its own, forked from this one.
Three things tell of a change: SQLite's disk (`disk`), Python's audit events (files opened for writing; names made,
moved and removed) and calls of C functions on files (writes, closes and syncs, of which no event tells).
"""

import io
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Any

from tests.simulation.machines.disk import OK, Disk, plugged_in

NAMES_CHANGE = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.chmod"})
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
BYTES_CHANGE = frozenset({"write", "flush", "close", "truncate", "__exit__"})
NEVER = -1


class Death(Enum):
    KILLED = "killed"
    POWER_CUT = "power cut"


@dataclass
class _Fate:
    """Counts changes; the last is never made. `unsynced`: files by their inodes, since names change."""

    death: Death
    last: int
    disk: Disk
    changes: int = 0
    unsynced: set[int] = field(default_factory=set)

    def comes(self) -> None:
        if self.changes == self.last:
            if self.death is Death.POWER_CUT:
                self._lose_the_unsynced()
            os.kill(os.getpid(), signal.SIGKILL)
        self.changes += 1

    def hears(self, event: str, words: tuple[Any, ...]) -> None:
        """An audit event."""
        if event in NAMES_CHANGE or (event == "open" and words[2] & WRITES):
            self.comes()

    def sees(self, _: FrameType, event: str, called: Any) -> None:
        """A profiler's event: a C function is called."""
        file = getattr(called, "__self__", None)
        if event == "c_call" and called.__name__ in BYTES_CHANGE and _is_on_disk(file) and not file.closed:
            self.comes()
            if called.__name__ in ("write", "truncate"):
                self.unsynced.add(os.fstat(file.fileno()).st_ino)

    def syncs(self, descriptor: int) -> None:
        """In the place of `os.fsync`; the machine's own disk is spared."""
        self.comes()
        self.unsynced.discard(os.fstat(descriptor).st_ino)

    def _lose_the_unsynced(self) -> None:
        sys.setprofile(None)
        self.last = NEVER  # what is done from here on is not this process's
        for path in self.disk.folder.rglob("*"):
            if path.is_file() and path.stat().st_ino in self.unsynced:
                os.truncate(path, 0)
        for path, safe in self.disk.unsynced().items():
            if path.exists():
                path.write_bytes(safe)


def _is_on_disk(file: Any) -> bool:
    return isinstance(file, io.BufferedWriter | io.BufferedRandom | io.TextIOWrapper | io.FileIO) and file.writable()


def dies(death: Death, change: int, doing: Callable[[], object], below: Path) -> bool:
    """Does it in a process that dies before that change, counted from 0; says whether it did, or came to its end.

    `below`: the folder that is on the disk.
    """
    child = os.fork()
    if child == 0:
        with plugged_in(below) as disk:
            os._exit(_live(_Fate(death, change, disk), doing))
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in (0, -signal.SIGKILL)
    return ended != 0


def _live(fate: _Fate, doing: Callable[[], object]) -> int:
    fate.disk.before = lambda *_: fate.comes() or OK
    os.fsync = fate.syncs
    sys.addaudithook(fate.hears)
    sys.setprofile(fate.sees)
    try:
        doing()
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.setprofile(None)
    return 0
