"""Every trick with every format that can meet it: refused or named in words, and never for more than a little memory.

What a whole archive can try, and an SVG, stands in `test_packages` and `test_drawings`; time is bounded as pytest's is.
"""

import re
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import plan_folder

MEGABYTE = 1 << 20
MEMORY_BYTES_MAX = 48 * MEGABYTE  # traced by Python; a course of these few kilobytes takes about one

# The document that makes a package one of its kind, begun and not ended.
ROOTS = {
    "moodle_backup.xml": "<moodle_backup><information>",
    "course.xml": '<course url_name="r">',
    "imsmanifest.xml": '<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1">',
    "quiz.xml": "<questestinterop>",
    "item.xml": '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1">',
}
TEN = "".join("&e{{0}};" for _ in range(10))
ENTITIES = "".join(f'<!ENTITY e{n} "{TEN.format(n - 1) if n else "a" * 50}">' for n in range(9))
OUTSIDE = '<!ENTITY e8 SYSTEM "file:///etc/passwd">'
QUIZ = '{"library": "H5P.Column 1.1", "params": {}}'
H5P = '{"title": "T", "mainLibrary": "H5P.Column", "language": "en"}'


def a_zip(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    path = folder / "course.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MEMORY_BYTES_MAX
    finally:
        tracemalloc.stop()


def outcome(path: Path) -> str:
    """The refusal, or every finding of what came in nevertheless."""
    with little_memory():
        try:
            with open_course(path) as (course, package):
                return "\n".join(finding.why for finding in plan_folder(course, package).findings)
        except BrokenPackage as error:
            return str(error)


@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize(
    ("before", "inside", "words"),
    [
        (f"<!DOCTYPE x [{ENTITIES}]>", "&e8;", "DTD or entities of its own, which are not read"),
        (f"<!DOCTYPE x [{OUTSIDE}]>", "&e8;", "DTD or entities of its own, which are not read"),
        ("", "<unclosed></wrong>", "no XML that can be read"),
        ("", "<a>" * 5_000, "more than 200 deep"),
        ("", "<a b='" + "x" * MEGABYTE, "no XML that can be read"),
        ("", "\x00\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "no XML that can be read"),
    ],
    ids=["entity bomb", "outer entity", "broken", "deep", "cut in a value", "no text"],
)
def test_hostile_xml_is_told_in_words(tmp_path: Path, name: str, before: str, inside: str, words: str) -> None:
    assert words in outcome(a_zip(tmp_path, {name: before + ROOTS[name] + inside}))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"h5p.json": H5P, "content/content.json": '{"a":' * 100_000}, "content.json"),
        ({"h5p.json": "[" * MEGABYTE, "content/content.json": QUIZ}, "h5p.json"),
        ({"h5p.json": H5P, "content/content.json": '"' + "x" * (9 * MEGABYTE) + '"'}, "content.json"),
        ({"tree.json": '{"source_domain": "a", "children": [' * 20_000}, "tree.json"),
        ({"c" * 32 + ".sqlite3": b"SQLite format 3\x00" + b"\xff" * MEGABYTE}, "no database that can be read"),
        ({"quiz.gift": "Q {T}\n\n" * 1_300_000}, "quiz.gift"),
        ({"a.md": "# A\n" + "x" * (17 * MEGABYTE)}, "a.md"),
    ],
    ids=["h5p deep", "h5p deep head", "h5p large", "kolibri deep", "kolibri no database", "gift large", "page large"],
)
def test_hostile_documents_of_other_forms_are_told_in_words(
    tmp_path: Path, files: Mapping[str, str | bytes], words: str
) -> None:
    assert words in outcome(a_zip(tmp_path, files))


def test_names_in_settings_that_multiply_are_passed_over(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    outcome(a_zip(tmp_path, {"a.md": "---\n" + "\n".join(lines) + "\n---\n# A\nText."}))


@pytest.mark.parametrize("claimed", [10, 500_000])
def test_a_size_that_is_not_the_file_s_is_noticed(tmp_path: Path, claimed: int) -> None:
    """The index of the archive says one size, what unpacks has another."""
    path = a_zip(tmp_path, {"a.md": "# A\n" + "Read this.\n" * 1_000})
    raw = bytearray(path.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = struct.pack("<I", claimed)
    path.write_bytes(raw)

    assert re.search("damaged|bomb|cut short", outcome(path))


@pytest.mark.parametrize(
    ("files", "page"),
    [
        ({"course.xml": '<course url_name="r"><vertical url_name="v"><html url_name="h">A <img src="/static/p.png"/>'
                        "</html></vertical></course>"}, "static/p.png"),
        ({"a.md": "# A\nText ![p](p.png)"}, "p.png"),
        ({"h5p.json": H5P, "content/content.json": '{"content": [{"content": {"library": "H5P.Image 1.1", "params": '
                        '{"file": {"path": "p.png"}, "alt": "x"}, "metadata": {}}}, {"content": {"library": '
                        '"H5P.AdvancedText 1.1", "params": {"text": "<p>Read</p>"}}}]}'}, "content/p.png"),
    ],
    ids=["Open edX", "Markdown", "H5P"],
)  # fmt: skip
def test_a_picture_cut_short_is_left_out_and_named(
    tmp_path: Path, shared_data: Path, files: Mapping[str, str], page: str
) -> None:
    whole = (shared_data / "ricecooker-samples" / "samples" / "thumbnail.png").read_bytes()

    said = outcome(a_zip(tmp_path, {**files, page: whole[: len(whole) // 2]}))

    assert "it is no PNG, JPEG, WebP or GIF that can be read" in said
