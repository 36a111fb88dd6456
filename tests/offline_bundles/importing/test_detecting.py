"""Every set of real data is known for what it is, and becomes a plan for a folder."""

from pathlib import Path

import pytest

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import import_course, importer_of
from offline_bundles.importing.folder import plan_folder
from offline_bundles.importing.packages import open_package

FORMS = {
    "captions-elephantsdream": "Videos and papers",
    "cc-instructure-viewer": "IMS Common Cartridge",
    "gift-fuhrmanator": "GIFT",
    "gift-giftplay-es": "GIFT",
    "kolibri-fixtures": "Kolibri channel",
    "md-iot-for-beginners": "Markdown",
    "md-rpf-hello-world": "Markdown",
    "moodle-backup": "Moodle course backup",
    "olx-harvardx-studio-advanced": "Open edX OLX",
    "olx-mitx-grading": "Open edX OLX",
    "olx-openedx-demo": "Open edX OLX",
    "olx-oxa-kitchen-sink": "Open edX OLX",
    "video-auto-editor": "Videos and papers",
    "video-gnome-getting-started": "Videos and papers",
    "video-lecture-fi": "Videos and papers",
    "video-mdn-shorts": "Videos and papers",
}


@pytest.mark.parametrize("name", FORMS)
def test_a_set_of_real_data_is_known_for_what_it_is(shared_data: Path, name: str) -> None:
    with open_package(shared_data / name) as package:
        assert importer_of(package).form == FORMS[name]


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form == "Videos and papers"])
def test_media_of_real_data_becomes_a_plan(shared_data: Path, name: str) -> None:
    with open_package(shared_data / name) as package:
        plan = plan_folder(importer_of(package).read(package), package)

    assert plan.values["lessons"] and plan.texts["course.yaml"]


@pytest.mark.parametrize("name", ["xapi-statement-templates", "events-openedx"])
def test_what_is_no_course_is_refused_with_what_is_known(shared_data: Path, name: str) -> None:
    with pytest.raises(BrokenPackage, match=r"no course of a kind that is known here: .*Open edX OLX.*docs/import"):
        import_course(shared_data / name)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("cmi5.xml", "<courseStructure/>", "cmi5"),
        (
            "imsmanifest.xml",
            '<manifest xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"><resources/></manifest>',
            "SCORM",
        ),
    ],
)
def test_a_package_of_code_alone_is_refused_by_its_kind(tmp_path: Path, name: str, text: str, kind: str) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "index.html").write_text("<script>report()</script>")

    with pytest.raises(BrokenPackage, match=f"is a {kind} package.*No code of a course is run"):
        import_course(tmp_path)


def test_an_archive_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "quiz.h5p").write_bytes(b"half of it")

    with pytest.raises(BrokenPackage, match=r"quiz\.h5p is named like an archive and is none, or is damaged"):
        import_course(tmp_path / "quiz.h5p")


def test_a_folder_of_packages_asks_for_one_of_them(shared_data: Path) -> None:
    count = len(list((shared_data / "h5p-packages").rglob("*.h5p")))

    with pytest.raises(BrokenPackage, match=f"holds {count} packages and no course itself. Import one"):
        import_course(shared_data / "h5p-packages")


@pytest.mark.parametrize(("name", "words"), [("course.yaml", "tiffin pack"), ("card.json", "tiffin take")])
def test_what_is_tiffin_s_own_already_is_told_with_its_command(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_text("{}")
    (tmp_path / "page.md").write_text("# Page")

    with pytest.raises(BrokenPackage, match=words):
        import_course(tmp_path)


def test_a_part_of_a_course_asks_for_the_folder_around_it(tmp_path: Path) -> None:
    (tmp_path / "imsmanifest.xml").write_text("<manifest/>", "utf-8")
    (tmp_path / "questions.xml").write_text("<question_categories/>", "utf-8")

    with pytest.raises(BrokenPackage, match=r"^imsmanifest\.xml only lists .* Give the folder"):
        import_course(tmp_path / "imsmanifest.xml")
    with pytest.raises(BrokenPackage, match=r"^questions\.xml is no course of a kind .* give the folder"):
        import_course(tmp_path / "questions.xml")
