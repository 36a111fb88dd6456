"""A restore that is killed at any of its steps: the home is as it was, or as the backup says, and never in between.

The process is killed for good, at the n-th time that it opens, renames or removes anything, for every n.
"""

import os
import sys
import traceback
from pathlib import Path

import pytest

from server.backup import back_up, restore
from server.backup.home import discard_staged, in_use
from tests.server.backup.homes import founded, reopened, settings_of
from tests.server.backup.test_restoring import epoch_of, tree
from tests.server.log.school import attempt

STEPS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"})
KILLED = 9


def restore_killed_at(step: int, home: Path, backup: Path) -> bool:
    """Runs a restore in a process of its own, which dies at a step; says whether it lived to the end."""
    child = os.fork()
    if child == 0:
        left = step

        def dies_at_its_step(event: str, _: object) -> None:
            nonlocal left
            if event in STEPS:
                left -= 1
                if left < 0:
                    os._exit(KILLED)

        sys.addaudithook(dies_at_its_step)
        try:
            restore(settings_of(home), backup)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in (0, KILLED)
    return ended == 0


def test_what_a_killed_restore_left_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with founded(home) as here:
        here.exchange(here.device(here.learner()))
        backup = back_up(home, here.database, tmp_path).path
    assert not restore_killed_at(30, home, backup)
    assert (home / ".restoring").exists()
    restore(settings_of(home), backup)
    assert not (home / ".restoring").exists()


@pytest.mark.slow
def test_a_restore_that_is_killed_at_any_step_has_happened_or_has_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with founded(home) as here:
        phone = here.device(here.learner())
        phone.submit(attempt())
        here.exchange(phone)
        backup = back_up(home, here.database, tmp_path).path
        old_epoch = epoch_of(here)
    (home / "keys" / "later.key").write_bytes(b"made after the backup")
    outcomes = []
    for step in range(10_000):
        discard_staged(home)  # so that every try takes the same steps
        lived = restore_killed_at(step, home, backup)
        with in_use(home):
            assert not (home / ".restoring" / "ready").exists()
        is_restored = not (home / "keys" / "later.key").exists()
        with reopened(here, home):
            assert (epoch_of(here) != old_epoch) == is_restored, f"half restored, killed at step {step}"
            old_epoch = epoch_of(here)
        assert (home / "keys" / "join.key").exists()
        outcomes.append(is_restored)
        (home / "keys" / "later.key").write_bytes(b"made after the backup")
        if lived:
            break

    assert outcomes[0] is False
    assert outcomes[-1] is True
    assert sum(outcomes) > 10, "the swap was cut off in between, and finished by whoever came next"
    assert outcomes == sorted(outcomes), "once it has begun it happens"
    assert len([path for path in home.iterdir() if path.name.startswith("replaced-")]) == sum(outcomes)
    assert "later.key" in tree(home / "replaced-1" / "keys")
