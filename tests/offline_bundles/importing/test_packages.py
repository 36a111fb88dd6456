"""What strangers hand over as a course: every bomb and trick is refused with a sentence, at a bounded cost."""

import gzip
import io
import os
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from offline_bundles.errors import BrokenPackage, MissingFile
from offline_bundles.importing.archives import FILES_MAX, INDEX_BYTES_MAX, UNPACKED_BYTES_MAX, check_unpacked
from offline_bundles.importing.packages import copy_out, open_package, open_package_inside
from offline_bundles.importing.xml import DEPTH_MAX, read_xml

FILES = {"course.xml": b"<course/>", "static/one picture.png": b"\x89PNG" * 1000}
MEGABYTE = 1 << 20


def a_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return path


def a_tar(path: Path, *members: tuple[tarfile.TarInfo, bytes], packed: bool = True) -> Path:
    with tarfile.open(path, "w:gz" if packed else "w") as archive:
        for info, raw in members:
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return path


def a_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, raw in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(raw)
    return path


def refused(path: Path) -> str:
    with pytest.raises(BrokenPackage) as caught, open_package(path) as package:
        for name in package.names():
            package.read(name, 100 * MEGABYTE)
    return str(caught.value)


@pytest.mark.parametrize("form", ["folder", "zip", "stored", "imscc", "tar.gz", "mbz", "tar"])
def test_the_same_files_read_alike_from_every_form(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"my course.{form}"
    if form == "folder":
        a_folder(path, FILES)
    elif form in ("tar.gz", "mbz", "tar"):
        a_tar(path, *((tarfile.TarInfo(name), raw) for name, raw in FILES.items()), packed=form != "tar")
    else:
        a_zip(path, FILES, zipfile.ZIP_STORED if form == "stored" else zipfile.ZIP_DEFLATED)

    with open_package(path) as package:
        read = {name: package.read(name, MEGABYTE) for name in package.names()}
        sizes = {name: package.size(name) for name in package.names()}

    assert read == FILES
    assert sizes == {name: len(raw) for name, raw in FILES.items()}
    assert package.name.startswith("my course")


def test_a_file_that_is_no_archive_is_a_package_of_itself(tmp_path: Path) -> None:
    (tmp_path / "quiz.gift").write_text("Two and two? {=4 ~5}")

    with open_package(tmp_path / "quiz.gift") as package:
        assert list(package.names()) == ["quiz.gift"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BrokenPackage, match="is not there"), open_package(tmp_path / "nothing.zip"):
        pass
    with open_package(a_zip(tmp_path / "a.zip", FILES)) as package:
        for ask in (package.size, package.open):
            with pytest.raises(MissingFile, match=r"holds no file b\.xml"):
                ask("b.xml")
        with pytest.raises(MissingFile):
            package.read("b.xml", 10)


def test_no_more_is_read_than_was_asked_for(tmp_path: Path) -> None:
    with open_package(a_zip(tmp_path / "a.zip", FILES)) as package:
        with pytest.raises(BrokenPackage, match="at most 5 are read"):
            package.read("course.xml", 5)
        with pytest.raises(BrokenPackage):
            copy_out(package, "course.xml", tmp_path / "copy", 5)
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", "a/../../up", "C:\\up.txt", "..\\up.txt", "a\nb"])
@pytest.mark.parametrize("form", ["zip", "tar"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str, form: str) -> None:
    if form == "zip":
        path = a_zip(tmp_path / "a.zip", {name: b"x"})
    else:
        path = a_tar(tmp_path / "a.tar.gz", (tarfile.TarInfo(name), b"x"))

    message = refused(path)

    assert "leads out of the package" in message or "control characters" in message


def test_names_beyond_measure_are_refused(tmp_path: Path) -> None:
    assert "characters" in refused(a_zip(tmp_path / "long.zip", {"n" * 2_000: b""}))
    assert "folders deep" in refused(a_zip(tmp_path / "deep.zip", {"d/" * 60 + "x": b""}))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    tar = a_tar(tmp_path / "a.tar.gz", (tarfile.TarInfo("a/./b"), b"1"), (tarfile.TarInfo("a/b"), b"2"))
    archive = a_zip(tmp_path / "a.zip", {"a/b": b"1", "a\\b": b"2"})

    assert "two files are named a/b" in refused(tar)
    assert "two files are named a/b" in refused(archive)


def test_links_in_archives_are_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("static/key")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    in_zip = zipfile.ZipInfo("static/key")
    in_zip.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(in_zip, "/etc/passwd")

    assert "is a link" in refused(tmp_path / "a.zip")
    assert "is a link" in refused(a_tar(tmp_path / "a.tar.gz", (link, b"")))


def test_a_folder_s_links_may_not_lead_out_and_may_stay_inside(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "course", FILES)
    (folder / "again.xml").symlink_to("course.xml")
    (tmp_path / "secret").write_text("mine")

    with open_package(folder) as package:
        assert package.read("again.xml", 100) == FILES["course.xml"]
    (folder / "out.xml").symlink_to(tmp_path / "secret")
    assert "leads out of the folder" in refused(folder)
    (folder / "out.xml").unlink()
    (folder / "whole").symlink_to(tmp_path)
    assert "leads out of the folder" in refused(folder)


def test_an_encrypted_package_says_so(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "a.zip", {"course.xml": b"<course/>"})
    raw = bytearray(path.read_bytes())
    for signature, flag_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + flag_at] |= 1
    path.write_bytes(raw)

    assert "is encrypted. Export the course without a password" in refused(path)


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_a_bomb_costs_neither_memory_nor_time(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"bomb.{form}"
    size = 400 * MEGABYTE
    if form == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as member:
            for _ in range(size // MEGABYTE):
                member.write(bytes(MEGABYTE))
    else:
        with gzip.open(path, "wb", compresslevel=1) as packed:
            for _ in range(size // MEGABYTE):
                packed.write(bytes(MEGABYTE))

    tracemalloc.start()
    message = refused(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "it is a bomb" in message
    assert peak < 20 * MEGABYTE


def test_overlapping_members_count_at_what_they_unpack_to(tmp_path: Path) -> None:
    """Fifield's bomb: many index entries that share the same compressed bytes."""
    path = a_zip(tmp_path / "a.zip", {"kernel": bytes(MEGABYTE)})
    raw = path.read_bytes()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entry = raw[start:end]
    count = 200
    entries = b"".join(entry[:46] + f"k{number:05}".encode() + entry[52:] for number in range(count))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)
    path.write_bytes(raw[:start] + entries + tail)

    assert "it is a bomb" in refused(path)


def test_an_index_that_claims_too_much_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    claimed = INDEX_BYTES_MAX + 1
    with path.open("wb") as out:
        out.write(b"PK\x03\x04")
        out.truncate(claimed + 4)
        out.seek(0, os.SEEK_END)
        out.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, claimed, 4, 0))

    assert "its index is above 16 MB" in refused(path)


def test_a_tar_header_that_claims_too_much_is_not_read(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 512 * MEGABYTE
    with gzip.open(tmp_path / "a.tgz", "wb") as packed:
        packed.write(header.tobuf(tarfile.GNU_FORMAT) + bytes(1024))

    assert "its index is above 16 MB" in refused(tmp_path / "a.tgz")


def test_more_files_than_any_course_has_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(FILES_MAX + 1):
            archive.writestr(f"{number}", b"")

    assert f"more than {FILES_MAX} files" in refused(tmp_path / "a.zip")


@pytest.mark.parametrize("form", ["zip", "tar.gz", "tar"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_package_cut_short_says_so(tmp_path: Path, form: str, part: float) -> None:
    noise = {f"{number}.bin": os.urandom(50_000) for number in range(4)}
    path = tmp_path / f"a.{form}"
    if form == "zip":
        a_zip(path, noise)
    else:
        a_tar(path, *((tarfile.TarInfo(name), raw) for name, raw in noise.items()), packed=form == "tar.gz")
    path.write_bytes(path.read_bytes()[: int(210_000 * part)])

    assert "damaged or cut short" in refused(path)


def test_a_changed_byte_is_noticed_where_the_archive_can_tell(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "a.zip", {"a.bin": os.urandom(100_000)}, zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    raw[50_000] ^= 1
    path.write_bytes(raw)

    assert "a.bin in a is damaged" in refused(path)


def test_an_archive_inside_a_package_opens_as_well(tmp_path: Path) -> None:
    inner = a_zip(tmp_path / "page.h5p", {"h5p.json": b"{}"}).read_bytes()

    outer = a_zip(tmp_path / "a.zip", {"files/page.h5p": inner})

    with open_package(outer) as package, open_package_inside(package, "files/page.h5p") as inside:
        assert inside.read("h5p.json", 10) == b"{}"
        assert inside.name == "page"


ENTITY_BOMB = b'<!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><q>&b;</q>'
OUTER_ENTITY = b'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><q>&x;</q>'
ATTRIBUTE_BOMB = b'<!DOCTYPE q [<!ATTLIST q a CDATA "aaaaaaaaaaaaaaaaaa">]><q/>'


@pytest.mark.parametrize("bomb", [ENTITY_BOMB, OUTER_ENTITY, ATTRIBUTE_BOMB])
def test_xml_with_a_dtd_of_its_own_is_refused(bomb: bytes) -> None:
    with pytest.raises(BrokenPackage, match="DTD or entities"):
        read_xml(bomb)


@pytest.mark.parametrize(
    "raw", [b"", b"<a>", b"<a></b>", b"\xff\xfe\x00", b"<a>&nbsp;</a>", b"<?xml encoding='no'?><a/>"]
)
def test_broken_xml_is_told_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(BrokenPackage, match="no XML that can be read"):
        read_xml(raw)


def test_xml_too_deep_or_too_large_is_refused() -> None:
    with pytest.raises(BrokenPackage, match=f"more than {DEPTH_MAX} deep"):
        read_xml(b"<a>" * (DEPTH_MAX + 1))
    with pytest.raises(BrokenPackage, match="at most 0 MB"):
        read_xml(b"<a>long</a>", bytes_max=5)


def test_a_doctype_that_only_points_outside_is_passed_over() -> None:
    root = read_xml(b'<?xml version="1.0"?>\n<!DOCTYPE questestinterop SYSTEM "ims_qtiasiv1p2.dtd">\n<a><b>c</b></a>')

    assert [child.tag for child in root] == ["b"]


def test_what_is_wrong_with_a_file_is_told_by_its_whole_name(tmp_path: Path) -> None:
    (tmp_path / "course.imscc").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(BrokenPackage, match=r"^course\.imscc is damaged"), open_package(tmp_path / "course.imscc"):
        pass


def test_more_than_a_year_s_course_is_refused_however_little_it_is_packed() -> None:
    check_unpacked("year", UNPACKED_BYTES_MAX, UNPACKED_BYTES_MAX)
    with pytest.raises(BrokenPackage, match="unpacks to more than 8 GB"):
        check_unpacked("years", UNPACKED_BYTES_MAX + 1, UNPACKED_BYTES_MAX)
