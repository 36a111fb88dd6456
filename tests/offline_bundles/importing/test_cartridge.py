"""Common Cartridges and Canvas exports, real ones; what is in them is counted here without our reader."""

import re
import zipfile
from collections import Counter
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from offline_bundles.course import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.cartridge import CartridgeImporter
from offline_bundles.importing.folder import plan_folder, write_folder
from offline_bundles.importing.imported import Finding, ImportedCourse, Outcome, Page, Quiz, Resource, Video
from offline_bundles.importing.packages import open_package
from offline_bundles.importing.qti.asking import Budget, Files

CANVAS = "cc-instructure-viewer"
MANIFEST = """<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imsccv1p{minor}/imscp_v1p1">
<metadata><schema>IMS Common Cartridge</schema><schemaversion>1.{minor}.0</schemaversion></metadata>
<organizations><organization identifier="o"><item identifier="root">{items}</item></organization></organizations>
<resources>{resources}</resources></manifest>"""
UNIT = '<item identifier="unit"><title>Unit</title>{}</item>'


def read(path: Path) -> ImportedCourse:
    with open_package(path) as package:
        importer = CartridgeImporter()
        assert importer.recognises(package)
        return importer.read(package)


def cartridge(folder: Path, items: str, resources: str, files: dict[str, str], minor: int = 1) -> ImportedCourse:
    manifest = MANIFEST.format(minor=minor, items=items, resources=resources)
    for name, text in {"imsmanifest.xml": manifest, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return read(folder)


def texts_of(path: Path) -> dict[str, str]:
    if path.is_dir():
        files = [each for each in path.rglob("*") if each.is_file()]
        return {each.relative_to(path).as_posix(): each.read_bytes().decode("utf-8", "replace") for each in files}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if name[-1] != "/"}


def kinds(course: ImportedCourse) -> Counter[str]:
    return Counter(type(activity).__name__ for activity in course.activities)


def why(course: ImportedCourse, outcome: Outcome) -> Counter[str]:
    return Counter(finding.kind for finding in course.findings if finding.outcome is outcome)


def written(path: Path, to: Path) -> tuple[Finding, ...]:
    """Everything that the whole way into a course folder finds; the folder is one that packing takes."""
    with open_package(path) as package:
        plan = plan_folder(CartridgeImporter().read(package), package)
        write_folder(plan, package, to)
    read_course(to)
    return plan.findings


def test_a_real_workshop_comes_in_module_by_module(shared_data: Path):
    path = shared_data / CANVAS / "allyworkshop.imscc"
    texts = texts_of(path)
    manifest = texts["imsmanifest.xml"]
    course = read(path)

    modules = re.findall(r"<title>([^<]+)</title>\s*<item", manifest)
    assert [lesson.title for lesson in course.lessons] == [" ".join(unescape(name).split()) for name in modules] + [
        "Further material"
    ]
    wiki = {name for name in texts if name.startswith("wiki_content/") and name.endswith(".html")}
    pages = {page.source: page for page in course.activities if isinstance(page, Page)}
    assert wiki <= set(pages)
    topics = manifest.count('type="imsdt_xmlv1p1"')
    assert kinds(course)["Page"] == len(wiki) + topics == 16
    assert why(course, Outcome.DEGRADED) == {"discussion": topics}
    assert (course.language, course.licence[:30]) == ("und", "CC Attribution Share Alike - h")


def test_every_file_of_the_workshop_is_used_kept_or_named(shared_data: Path):
    path = shared_data / CANVAS / "allyworkshop.imscc"
    texts = texts_of(path)
    course = read(path)

    files = {name for name in texts if name.startswith("web_resources/")}
    html = "".join(text for name, text in texts.items() if name.startswith("wiki_content/") or name.count("/") == 0)
    linked = re.findall(r'"(?:\$|%24)IMS-CC-FILEBASE(?:\$|%24)/([^"?]+)', unescape(html))
    shown = {f"web_resources/{unquote(name)}" for name in linked}
    kept = {activity.source for activity in course.activities if isinstance(activity, Resource)}
    named = {
        finding.where for finding in course.findings if finding.why == "no module holds it and no page leads to it"
    }
    assert shown | kept | named == files
    assert not shown & named
    assert named and all(name.endswith((".png", ".jpg")) for name in named)


def test_tools_of_other_servers_are_named(shared_data: Path):
    path = shared_data / CANVAS / "allyworkshop.imscc"
    course = read(path)

    manifest = texts_of(path)["imsmanifest.xml"]
    lost = why(course, Outcome.DROPPED)
    assert lost["imsbasiclti_xmlv1p0"] == manifest.count('type="imsbasiclti_xmlv1p0"') == 1
    resources = set(re.findall(r'<resource [^>]*?identifier="(\w+)"', manifest))
    absent = [ref for ref in re.findall(r'identifierref="(\w+)">\s*<title', manifest) if ref not in resources]
    assert lost["ContextExternalTool"] == len(absent) == 1


def test_all_items_of_a_module_come_in_or_are_named(shared_data: Path):
    path = shared_data / CANVAS / "course-1"
    manifest = texts_of(path)["imsmanifest.xml"]
    course = read(path)

    items = re.findall(r"<item [^>]*>\s*<title>([^<]+)</title>\s*</item>", manifest)
    came = {activity.title for activity in course.activities}
    lost = {finding.where for finding in course.findings if finding.outcome is Outcome.DROPPED}
    assert len(items) == 11
    assert all((item in came) != (item in lost) for item in items)
    assert lost - set(items) == {"web_resources/unpublished-document.pdf"}
    assert kinds(course) == {"Page": 7, "Resource": 2, "Quiz": 1}


def test_references_within_the_course_lead_to_activities_and_broken_ones_are_counted(shared_data: Path, tmp_path: Path):
    path = shared_data / CANVAS / "course-1"
    text = texts_of(path)["iaa4b4fdadec793530c31c58a249e0879/assignment.xml"]
    addresses = re.findall(r'href="(%24[^"]+)"', unescape(text))
    objects = [address for address in addresses if address.startswith("%24CANVAS_OBJECT")]

    findings = written(path, tmp_path / "course")

    links = [finding for finding in findings if finding.kind == "link"]
    broken = [finding for finding in links if finding.outcome is Outcome.BROKEN]
    assert [finding.why for finding in broken] == [
        "/wiki_content/wiki-sample.html, which it links to, is not in the package."
    ]
    assert len(links) - len(broken) == len(objects) == 5
    pages = [page.read_text(encoding="utf-8") for page in (tmp_path / "course").rglob("*.html")]
    (page,) = [page for page in pages if "internal wiki page" in page]
    assert page.count('href="#/course/') + page.count('href="activity:') + page.count("resources/") >= 2


def test_canvas_own_form_of_a_quiz_is_taken_since_it_holds_more(shared_data: Path):
    path = shared_data / CANVAS / "all-question-types"
    texts = texts_of(path)
    poor = next(text for name, text in texts.items() if name.endswith("assessment_qti.xml"))
    rich = next(text for name, text in texts.items() if name.endswith(".xml.qti"))
    there = Counter(re.findall(r"question_type</fieldlabel>\s*<fieldentry>(\w+)", rich))
    course = read(path)

    here = Counter(question.kind for question in course.questions)
    assert rich.count("<item ") == 10 > poor.count("<item ")
    assert here["single_choice"] == there["multiple_choice_question"] + there["true_false_question"]
    assert here["multiple_choice"] == there["multiple_answers_question"]
    assert here["matching"] == there["matching_question"] + there["multiple_dropdowns_question"]
    assert here["numeric"] == there["numerical_question"] + there["calculated_question"]
    assert here["free_text"] == there["essay_question"]
    assert why(course, Outcome.DROPPED) == {"file_upload_question": there["file_upload_question"]}
    assert here.total() + there["file_upload_question"] + there["text_only_question"] == 10


def test_a_quiz_is_taken_as_canvas_says(shared_data: Path):
    course = read(shared_data / CANVAS / "all-question-types")

    (quiz,) = [activity for activity in course.activities if isinstance(activity, Quiz)]
    assert (quiz.title, quiz.graded, quiz.attempts, quiz.policy) == ("ALL QUESTION TYPES QUIZ", True, 1, "best")
    first = quiz.questions[0]
    assert first.feedback == "alright"
    assert [(choice.text, choice.correct) for choice in first.choices][2] == ("3", True)
    assert first.choices[2].feedback == "good!\nnice job"
    assert first.choices[0].feedback == "add 2\ntoo bad"


def test_questions_of_a_bank_that_a_quiz_asks_are_not_asked_twice(shared_data: Path):
    path = shared_data / CANVAS / "grouptest.zip"
    texts = texts_of(path)
    quizzes = [text for name, text in texts.items() if name.endswith(".qti") and "<assessment " in text]
    (bank,) = [text for name, text in texts.items() if name.endswith(".qti") and "<objectbank" in text]
    asked = {ref for text in quizzes for ref in re.findall(r"identifierref</fieldlabel>\s*<fieldentry>(\w+)", text)}
    course = read(path)

    assert set(re.findall(r'<item ident="(\w+)"', bank)) <= asked
    assert kinds(course) == {"Quiz": len(quizzes)}
    items = sum(text.count("<item ") for text in quizzes)
    assert len(list(course.questions)) == items - why(course, Outcome.DROPPED).total() == 9
    drawn = [finding.why for finding in course.findings if finding.kind == "section"]
    assert len(drawn) == sum(text.count("<selection>") for text in quizzes) - 1  # one group asks all that it has


def test_a_canvas_export_of_quizzes_only_comes_in(shared_data: Path):
    path = shared_data / "qti-instructure" / "test_imscc_canvas"
    course = read(path)

    rich = [text for name, text in texts_of(path).items() if name.endswith(".qti") and "<assessment " in text]
    assert kinds(course) == {"Quiz": len(rich)}
    assert len(list(course.questions)) == sum(text.count("<item ") for text in rich) == 2


def test_pictures_of_a_page_are_found_by_either_spelling_of_the_file_base(shared_data: Path, tmp_path: Path):
    path = shared_data / CANVAS / "rich-content-cc-file"
    html = texts_of(path)["wiki_content/front-page.html"]

    findings = written(path, tmp_path / "course")

    assert len(list((tmp_path / "course" / "pictures").iterdir())) == 2
    remote = [finding for finding in findings if finding.kind == "picture"]
    assert len(remote) == len(re.findall(r'src="https:', html)) == 3
    broken = [finding for finding in findings if finding.outcome is Outcome.BROKEN]
    assert [finding.why[:37] for finding in broken] == ["/web_resources/change%20300%20dpi.pdf"]


@pytest.mark.parametrize(("name", "pages"), [("latex.imscc", 2), ("single-page.imscc", 1)])
def test_small_cartridges_come_in(name: str, pages: int, shared_data: Path):
    path = shared_data / CANVAS / name
    course = read(path)

    assert kinds(course) == {"Page": pages}
    assert sum(each.startswith("wiki_content/") for each in texts_of(path)) == pages


def test_a_page_that_says_nothing_makes_no_course(shared_data: Path, tmp_path: Path):
    with pytest.raises(BrokenPackage, match="nothing in it can be learnt"):
        written(shared_data / CANVAS / "single-page.imscc", tmp_path / "course")


@pytest.mark.parametrize(
    "name", ["allyworkshop.imscc", "course-1", "all-question-types", "grouptest.zip", "latex.imscc"]
)
def test_real_cartridges_become_folders_that_packing_takes(name: str, shared_data: Path, tmp_path: Path):
    written(shared_data / CANVAS / name, tmp_path / "course")

    assert (tmp_path / "course" / "course.yaml").is_file()


PAGE = '<resource identifier="p" type="webcontent" href="page.html"><file href="page.html"/></resource>'
HTML = "<html><head><title>Own</title></head><body><p>Text.</p></body></html>"


@pytest.mark.parametrize("minor", [1, 2, 3])
def test_each_version_of_the_standard_is_read(minor: int, tmp_path: Path):
    item = UNIT.format('<item identifier="i" identifierref="p"><title>Page</title></item>')

    course = cartridge(tmp_path, item, PAGE, {"page.html": HTML}, minor)

    (page,) = course.activities
    assert (course.lessons[0].title, page.title) == ("Unit", "Page")
    assert isinstance(page, Page)
    assert page.body == "<p>Text.</p>"
    assert course.form == f"IMS Common Cartridge 1.{minor}.0"


def test_what_no_phone_can_do_is_named_item_by_item(tmp_path: Path):
    namespaces = 'xmlns="http://www.imsglobal.org/xsd/imswl_v1p1"'
    resources = PAGE + "".join(
        f'<resource identifier="{name}" type="{kind}"><file href="{name}.xml"/></resource>'
        for name, kind in [("link", "imswl_xmlv1p1"), ("tool", "imsbasiclti_xmlv1p0"), ("odd", "vendor_thing")]
    )
    refs = ("p", "link", "tool", "odd", "nowhere", "p")
    items = "".join(
        f'<item identifier="i{n}" identifierref="{ref}"><title>{ref}</title></item>' for n, ref in enumerate(refs)
    )
    files = {
        "page.html": HTML,
        "link.xml": f'<webLink {namespaces}><title>L</title><url href="https://example.org/a?b=1&amp;c=2"/></webLink>',
        "tool.xml": "<cartridge_basiclti_link/>",
        "odd.xml": "<odd/>",
    }

    course = cartridge(tmp_path, UNIT.format(items), resources, files)

    assert [(finding.outcome, finding.where) for finding in course.findings] == [
        (Outcome.DEGRADED, "link"),
        (Outcome.DROPPED, "tool"),
        (Outcome.DROPPED, "odd"),
        (Outcome.BROKEN, "nowhere"),
        (Outcome.DEGRADED, "p"),
    ]
    assert [activity.title for activity in course.activities] == ["p", "link"]


def test_a_file_that_is_missing_and_one_outside_the_package_are_broken_references(tmp_path: Path):
    resources = PAGE + (
        '<resource identifier="gone" type="webcontent" href="gone.pdf"><file href="gone.pdf"/></resource>'
        '<resource identifier="out" type="webcontent" href="../../etc/passwd"/>'
    )
    items = "".join(
        f'<item identifier="{ref}i" identifierref="{ref}"><title>{ref}</title></item>' for ref in ("p", "gone", "out")
    )

    course = cartridge(tmp_path, UNIT.format(items), resources, {"page.html": HTML})

    assert [(finding.outcome, finding.where, finding.why) for finding in course.findings] == [
        (Outcome.BROKEN, "gone", "it names gone.pdf, which the package does not hold"),
        (Outcome.DROPPED, "out", "it names no file"),
    ]


def test_a_film_has_the_captions_that_canvas_keeps_beside_it(tmp_path: Path):
    resources = "".join(
        f'<resource identifier="{name}" type="webcontent" href="web_resources/{file}"/>'
        for name, file in [("film", "film.mp4"), ("sub", "film.fi.srt")]
    )
    track = '<track kind="subtitles" locale="fi" identifierref="sub"/>'
    tracks = f'<media_tracks><media identifierref="film">{track}</media></media_tracks>'
    item = UNIT.format('<item identifier="i" identifierref="film"><title>Film</title></item>')
    files = {
        "course_settings/media_tracks.xml": tracks,
        "web_resources/film.mp4": "film",
        "web_resources/film.fi.srt": "1",
    }

    course = cartridge(tmp_path, item, resources, files)

    video = next(course.activities)
    assert isinstance(video, Video)
    assert dict(video.captions) == {"fi": "web_resources/film.fi.srt"}


def test_what_canvas_keeps_in_its_settings_is_counted(tmp_path: Path):
    files = {
        "page.html": HTML,
        "course_settings/rubrics.xml": "<rubrics><rubric/><rubric/></rubrics>",
        "course_settings/syllabus.html": "<html><head><title>Plan</title></head><body>Week 1</body></html>",
    }

    course = cartridge(tmp_path, "", PAGE, files)

    assert why(course, Outcome.DROPPED) == {"rubric": 1}
    assert any(finding.why == "2 times how work is to be marked" for finding in course.findings)
    assert [activity.title for activity in course.activities] == ["Own", "Plan"]


BOMB = (
    '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><manifest xmlns="imscc"><title>&b;</title></manifest>'
)


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        (BOMB, "entities"),
        ("<manifest imscc", "no XML"),
        ('<manifest xmlns="imscc">' + "<item>" * 3_000, "deep"),
        ('<manifest xmlns="imscc"/>', "nothing that can be learnt"),
    ],
)
def test_hostile_manifests_are_refused_in_words(manifest: str, why: str, tmp_path: Path):
    (tmp_path / "imsmanifest.xml").write_text(manifest, encoding="utf-8")

    with pytest.raises(BrokenPackage, match=why):
        read(tmp_path)


def test_a_folder_without_a_manifest_is_no_cartridge(tmp_path: Path):
    (tmp_path / "page.html").write_text(HTML, encoding="utf-8")

    with open_package(tmp_path) as package:
        assert not CartridgeImporter().recognises(package)
        with pytest.raises(BrokenPackage, match=r"imsmanifest\.xml"):
            CartridgeImporter().read(package)


def test_broken_documents_cost_only_themselves(tmp_path: Path):
    resources = PAGE + "".join(
        f'<resource identifier="{name}" type="{kind}"><file href="{name}.xml"/></resource>'
        for name, kind in [("topic", "imsdt_xmlv1p1"), ("quiz", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment")]
    )

    course = cartridge(tmp_path, "", resources, {"page.html": HTML, "topic.xml": "<topic>", "quiz.xml": "not XML"})

    assert kinds(course) == {"Page": 1}
    assert [(finding.outcome, "no XML" in finding.why) for finding in course.findings] == [(Outcome.BROKEN, True)] * 2


def test_an_enormous_page_is_named_and_the_rest_stays(tmp_path: Path):
    big = '<resource identifier="big" type="webcontent" href="big.html"><file href="big.html"/></resource>'

    course = cartridge(tmp_path, "", PAGE + big, {"page.html": HTML, "big.html": "<p>x</p>" * 600_000})

    assert kinds(course) == {"Page": 1}
    (finding,) = course.findings
    assert finding.outcome is Outcome.BROKEN
    assert "big.html" in finding.why


def test_one_document_that_is_named_a_thousand_times_is_read_once(tmp_path: Path):
    resources = PAGE + "".join(
        f'<resource identifier="r{n}" type="webcontent" href="large.html"><file href="large.html"/></resource>'
        for n in range(1_000)
    )

    course = cartridge(tmp_path, "", resources, {"page.html": HTML, "large.html": f"<p>{'x' * 4_000_000}</p>"})

    assert kinds(course) == {"Page": 2}
    assert len(course.findings) == 999


def test_what_is_read_as_text_has_a_bound_for_the_whole_package(tmp_path: Path):
    (tmp_path / "page.html").write_text(HTML, encoding="utf-8")

    with open_package(tmp_path) as package:
        files = Files(package, budget=Budget(len(HTML) + 10))
        assert files.read("page.html", 1_000) == HTML.encode()
        with pytest.raises(BrokenPackage, match="together"):
            files.read("page.html", 1_000)


def test_items_of_qti_2_in_a_cartridge_come_in_as_well(tmp_path: Path):
    resources = '<resource identifier="q" type="imsqti_item_xmlv2p1" href="q.xml"><file href="q.xml"/></resource>'
    item = (
        '<assessmentItem identifier="one" title="One"><responseDeclaration identifier="R" baseType="string"/>'
        '<itemBody><p>Why?</p><extendedTextInteraction responseIdentifier="R"/></itemBody></assessmentItem>'
    )

    course = cartridge(tmp_path, "", resources, {"q.xml": item})

    assert [question.prompt for question in course.questions] == ["Why?"]


def test_what_lies_beside_a_package_is_named_and_two_packages_are_refused(tmp_path: Path):
    cartridge(tmp_path, "", PAGE, {"page.html": HTML})
    outer = tmp_path / "outer"
    for name in ("one", "two"):
        (outer / name).mkdir(parents=True)
        (outer / name / "page.html").write_text(HTML, encoding="utf-8")
    manifest = (tmp_path / "imsmanifest.xml").read_text(encoding="utf-8")
    (outer / "one" / "imsmanifest.xml").write_text(manifest, encoding="utf-8")

    course = read(outer)
    (outer / "two" / "imsmanifest.xml").write_text(manifest, encoding="utf-8")

    beside = Finding(Outcome.DROPPED, "two", "file", "it lies beside the package, not in it")
    assert course.findings == (beside,)
    with pytest.raises(BrokenPackage, match="2 packages"):
        read(outer)


def test_a_formula_on_a_page_stays_readable(tmp_path: Path):
    formula = "<p>Half: <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math></p>"
    (tmp_path / "in").mkdir()
    cartridge(tmp_path / "in", "", PAGE, {"page.html": formula})

    written(tmp_path / "in", tmp_path / "course")

    (page,) = (tmp_path / "course").rglob("*.html")
    assert "Half:  1/2" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("hostile", ["<body ", "<title ", "<math>", '"$IMS-CC-FILEBASE$'])
def test_a_page_of_unclosed_tags_costs_no_more_than_its_length(hostile: str, tmp_path: Path):
    course = cartridge(tmp_path, "", PAGE, {"page.html": hostile * 20_000})

    assert kinds(course) == {"Page": 1}
