"""`tiffin backup` beside a running server, and `tiffin restore` once it has stopped; over real HTTP."""

from pathlib import Path

import pytest

from conflict.rules import LessonState
from sync.client import rejoin
from sync.errors import UnknownDevice
from sync.submissions import Submission
from tests.running import RunningServer
from tests.server.cli.test_command_line import refused
from tests.server.clock import now_ms
from tests.server.conftest import Edge

pytestmark = pytest.mark.slow


def test_a_server_is_backed_up_while_it_runs_and_its_phones_bring_back_what_came_later(
    edge: Edge, tmp_path: Path
) -> None:
    server: RunningServer = edge.server
    phone = edge.phone("Amina")
    epoch = phone.epoch
    said = server.command("backup", str(tmp_path))
    [file] = tmp_path.glob("tiffin-*.tar")
    started = now_ms() // 1000 - 600
    phone.submit(Submission("small", "exam", 1, 1, started, started + 60, {"q1": "a"}))
    edge.exchange(phone)
    [grade] = phone.grades
    late = edge.phone("Late")
    late.submit(Submission("small", "exam", 1, 1, started, started + 60, {"q1": "a"}))
    late.reach("small", "lecture", LessonState.COMPLETED)
    edge.exchange(late)

    assert str(file) in said
    assert "Stop the server" in refused(server, "restore", str(file))
    server.stop()
    told = server.command("restore", str(file))
    server.start()
    for _ in range(2):
        edge.exchange(phone)

    assert "A new epoch begins" in told
    assert str(server.home / "replaced-1") in told
    assert phone.epoch != epoch
    assert phone.outbox.is_empty
    assert phone.grades[-1] == grade
    with pytest.raises(UnknownDevice, match="what it holds is kept"):
        edge.exchange(late)
    with edge.client() as client:
        rejoin(client, late, edge.code("Late"), "Late's phone")
    edge.exchange(late)
    assert late.outbox.is_empty
    assert [one["state"] for one in late.grades[1:]] == ["graded"]
    assert "every byte as it was signed" in server.command("verify", "small", "1")


def test_what_is_no_backup_is_said(edge: Edge, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear Grace")
    assert "no whole backup" in refused(
        edge.server, "restore", str(tmp_path / "letter"), TIFFIN_HOME=str(tmp_path / "h")
    )
    assert "is not there" in refused(edge.server, "restore", str(tmp_path / "none"), TIFFIN_HOME=str(tmp_path / "h"))
