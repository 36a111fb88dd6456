"""What `deploy/` ships is what machines take. Proxies: tests/server/serving; here the unit for systemd."""

import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "deploy" / "tiffin.service"
THERE = "/opt/tiffin/.venv/bin/tiffin"


@pytest.mark.servers
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text()
    assert THERE in text
    here = tmp_path / UNIT.name
    here.write_text(text.replace(THERE, sys.executable))
    read = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, check=False)
    about_it = [line for line in read.stderr.splitlines() if UNIT.stem in line]
    assert (read.returncode, about_it) == (0, []), read.stderr
