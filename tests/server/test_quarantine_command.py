"""`tiffin quarantine` beside a running server."""

import json
import stat
from pathlib import Path

import pytest

from tests.server.conftest import Edge
from tests.server.test_command_line import refused

pytestmark = pytest.mark.slow


def test_what_is_in_quarantine_is_listed_shown_tried_again_and_exported(edge: Edge, tmp_path: Path) -> None:
    phone = edge.phone("Amina")
    phone.note("no-such-course", "page", "n1", "Boil for one minute")
    edge.exchange(phone)
    command = edge.server.command

    said = command("quarantine", "list")
    number = said.split()[0]
    shown = command("quarantine", "show", number)
    tried = command("quarantine", "release", number)
    file = tmp_path / "quarantine.jsonl"
    command("quarantine", "export", str(file))

    assert "Amina, Amina's phone" in said
    assert "progress no-such-course" in said
    assert "unknown_course" in said
    assert "Boil for one minute" in shown
    assert tried.strip() == f"{number} stays: unknown_course"
    [item] = [json.loads(line) for line in file.read_text().splitlines()]
    assert item["reason"] == "unknown_course"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "no item in quarantine of number 999" in refused(edge.server, "quarantine", "show", "999")
    assert "--all" in refused(edge.server, "quarantine", "release")
