"""Real courses with bytes changed at random: a course folder that packing reads, or a sentence; never a trace."""

import random
import zipfile
from pathlib import Path

import pytest

from offline_bundles.course import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import importer_of
from offline_bundles.importing.folder import plan_folder, write_folder
from offline_bundles.importing.packages import open_package

SIGNS = b"<>&\"'-{}[]:*|\n \x00\xff/"
CHANGED_FILES = 12
SMALL = 100_000  # bytes: large pictures say nothing more, and cost time


def damaged(raw: bytes, dice: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(dice.randint(1, 8)):
        if not changed:
            break
        at = dice.randrange(len(changed))
        kind = dice.randrange(5)
        if kind == 0:
            changed[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del changed[at : at + dice.randint(1, 40)]
        elif kind == 2:
            changed[at:at] = bytes(dice.choice(SIGNS) for _ in range(dice.randint(1, 5)))
        elif kind == 3:
            start = dice.randrange(len(changed))
            changed[at:at] = changed[start : start + dice.randint(1, 200)]
        elif dice.random() < 0.3:
            del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["olx-oxa-kitchen-sink", "md-rpf-hello-world"])
def test_a_damaged_course_is_read_or_refused(shared_data: Path, tmp_path: Path, name: str, seed: int) -> None:
    dice = random.Random(seed)
    source = shared_data / name
    files = {str(path.relative_to(source)): path for path in sorted(source.rglob("*")) if path.is_file()}
    contents = {each: path.read_bytes() for each, path in files.items() if path.stat().st_size < SMALL}
    for each in dice.sample(sorted(contents), CHANGED_FILES):
        contents[each] = damaged(contents[each], dice)
    with zipfile.ZipFile(tmp_path / "course.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for each, raw in contents.items():
            archive.writestr(each, raw)

    try:
        with open_package(tmp_path / "course.zip") as package:
            write_folder(plan_folder(importer_of(package).read(package), package), package, tmp_path / "written")
    except BrokenPackage as error:
        assert str(error).endswith(".")
    else:
        assert read_course(tmp_path / "written").lessons


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_archive_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    path = tmp_path / "course.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"folder/{number}.md", f"# Lesson {number}\n" * 50)
    path.write_bytes(damaged(path.read_bytes(), dice))

    try:
        with open_package(path) as package:
            for name in package.names():
                package.read(name, 10_000)
    except BrokenPackage as error:
        assert str(error).endswith(".")
