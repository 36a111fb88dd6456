"""A real Moodle backup, packed in each way that Moodle packs, and backups made here for what that one has not."""

import hashlib
import io
import re
import tarfile
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from collections.abc import Mapping
from html import escape
from pathlib import Path

import pytest

from offline_bundles.course.reading import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import plan_folder, write_folder
from offline_bundles.importing.imported import ImportedCourse, Outcome, Page, Quiz, Resource, Video
from offline_bundles.importing.moodle import MoodleImporter
from offline_bundles.importing.moodle.fields import number
from offline_bundles.importing.moodle.formulas import computed
from offline_bundles.importing.packages import open_package

MAPPED = {
    "calculated": "numeric",
    "calculatedsimple": "numeric",
    "calculatedmulti": "single_choice",
    "essay": "free_text",
    "match": "matching",
    "multichoice": "single_choice",  # every one of the real backup has one right answer
    "numerical": "numeric",
    "shortanswer": "short_text",
    "truefalse": "single_choice",
}


def imported(path: Path) -> ImportedCourse:
    with open_package(path) as package:
        assert MoodleImporter().recognises(package)
        return MoodleImporter().read(package)


def found(course: ImportedCourse, outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.where, each.kind) for each in course.findings if each.outcome is outcome]


def parsed(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()  # noqa: S314 (the project's own test data)


@pytest.fixture
def real(shared_data: Path) -> Path:
    return shared_data / "moodle-backup"


def packed_zip(folder: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.rglob("*")):
            archive.write(each, each.relative_to(folder))
    return to


def packed_tar(folder: Path, to: Path) -> Path:
    with tarfile.open(to, "w:gz") as archive:
        for each in sorted(folder.iterdir()):
            archive.add(each, each.name)
    return to


def test_a_backup_is_the_same_course_unpacked_as_zip_and_as_tar(real: Path, tmp_path: Path) -> None:
    unpacked = imported(real)

    assert imported(packed_zip(real, tmp_path / "new.mbz")) == unpacked
    assert imported(packed_tar(real, tmp_path / "old.mbz")) == unpacked


def test_every_activity_of_the_backup_came_in_or_says_why_not(real: Path) -> None:
    course = imported(real)
    listed = parsed(real / "moodle_backup.xml").findall("information/contents/activities/activity")

    came = {each.id for each in course.activities}
    lost = Counter(kind for _, kind in [*found(course, Outcome.DROPPED), *found(course, Outcome.BROKEN)])
    for each in listed:
        kind, name = each.findtext("modulename"), f"{each.findtext('modulename')}-{each.findtext('moduleid')}"
        assert name in came or lost[str(kind)] > 0, name
    kinds = ("hsuforum", "forum", "wiki", "lti", "questionnaire", "choice", "feedback", "assignment")
    for kind in kinds:
        assert lost[kind] == sum(each.findtext("modulename") == kind for each in listed), kind


def test_every_question_of_the_quiz_came_in_by_its_kind(real: Path) -> None:
    course = imported(real)
    bank = {each.get("id"): each for each in parsed(real / "questions.xml").iter("question") if each.get("id")}
    instances = parsed(real / "activities/quiz_5/quiz.xml").iter("question_instance")
    entries = {each.get("id"): next(each.iter("question")) for each in parsed(real / "questions.xml").iter(ENTRY)}
    names = [name_of_the_question(each, entries) for each in instances]
    parts = [part for part in bank.values() if part.findtext("parent") in names and part.findtext("parent") != "0"]

    asked = [bank[name] for name in names] + parts
    expected = Counter(MAPPED[kind] for each in asked if (kind := str(each.findtext("qtype"))) in MAPPED)

    (quiz,) = [each for each in course.activities if isinstance(each, Quiz) and each.id == "quiz-5"]
    assert len(names) == 11
    assert Counter(question.kind for question in quiz.questions) == expected
    assert ("Section 6 / Quiz Name / [[randomsamatch]]", "randomsamatch") in found(course, Outcome.DROPPED)


ENTRY = "question_bank_entry"


def name_of_the_question(instance: ElementTree.Element, entries: Mapping[str | None, ElementTree.Element]) -> str:
    """The real backup has all three forms of naming one, of three ages of Moodle."""
    entry = instance.findtext(".//questionbankentryid")
    named = instance.findtext("questionid") or instance.findtext("question")
    return str(entries[entry].get("id")) if entry else str(named)


def test_questions_that_stand_in_no_quiz_are_named(real: Path) -> None:
    dropped = [kind for where, kind in found(imported(real), Outcome.DROPPED) if where.startswith("question bank")]

    assert sorted(dropped) == ["ddimageortext", "ddwtos", "description", "shortanswer"]


def test_every_file_that_learners_would_open_is_there_or_is_named_as_missing(real: Path) -> None:
    """Counted by the digests that files.xml names and files/ holds."""
    present = {path.name for path in (real / "files").rglob("*") if path.is_file()}
    listed = [each for each in parsed(real / "files.xml") if each.findtext("filename") != "."]
    opened = [each for each in listed if each.findtext("component") in ("mod_resource", "mod_folder")]
    missing = sum(each.findtext("contenthash") not in present for each in opened)
    course = imported(real)

    files = [each for each in course.activities if isinstance(each, (Resource, Video))]
    broken = [kind for _, kind in found(course, Outcome.BROKEN)]
    assert len(files) == len(opened) - missing
    assert Counter(broken) == {"folder": 2, "resource": 2}
    assert len(broken) == missing


def test_a_file_is_read_under_the_name_that_a_teacher_gave_it(real: Path) -> None:
    with open_package(real) as package:
        named = MoodleImporter().opened(package)
        course = MoodleImporter().read(named)
        (file,) = [each for each in course.activities if isinstance(each, Resource)]
        raw = named.read(file.source, 1 << 20)

    assert file.source.endswith("/backup-moodle2-course-2-sc-20140214-2025.mbz")
    assert hashlib.sha1(raw).hexdigest() in {path.name for path in (real / "files").rglob("*")}  # noqa: S324 (Moodle's)


def test_a_page_names_what_the_backup_lost_when_it_is_written(real: Path) -> None:
    page = parsed(real / "activities/page_2/page.xml").findtext(".//content") or ""
    with open_course(real) as (course, package):
        plan = plan_folder(course, package)

    broken = [each for each in plan.findings if each.outcome is Outcome.BROKEN and "My Sample Page" in each.where]
    assert len(broken) == page.count("@@PLUGINFILE@@") == 2
    assert "the picture smaple_gif.gif is not in the package." in [each.why for each in broken]


def test_what_came_in_is_a_course_folder_with_every_question(real: Path, tmp_path: Path) -> None:
    with open_course(real) as (course, package):
        write_folder(plan_folder(course, package), package, tmp_path / "course")

    quizzes = [each.quiz for each in read_course(tmp_path / "course").activities if each.quiz]
    assert sum(len(quiz.questions) for quiz in quizzes) == len(list(course.questions)) == 15


@pytest.mark.parametrize(("kind", "file"), [("scorm", "game.zip"), ("h5pactivity", "quiz.h5p")])
def test_a_package_of_code_is_kept_apart_and_one_that_is_not_there_is_dropped(
    tmp_path: Path, kind: str, file: str
) -> None:
    raw, page = "code", "<content>Read this.</content>"
    digest = hashlib.sha1(raw.encode(), usedforsecurity=False).hexdigest()
    listed = (
        f"<files><file><contenthash>{digest}</contenthash><contextid>91</contextid><component>mod_{kind}</component>"
        f"<filearea>package</filearea><itemid>0</itemid><filepath>/</filepath><filename>{file}</filename>"
        f"<filesize>{len(raw)}</filesize></file></files>"
    )
    contents = {kind: "", f"{kind}-2": "", "page": page}
    path = backup(tmp_path, contents, files=listed, **{f"files__{digest[:2]}__{digest}": raw})

    with open_course(path) as (course, package):
        write_folder(plan_folder(course, package), package, tmp_path / "course")

    assert [each.where for each in course.findings if each.outcome is Outcome.APART] == [f"One / {kind}"]
    assert found(course, Outcome.DROPPED) == [(f"One / {kind}-2", kind)]
    assert (tmp_path / "course" / "active" / file).read_text() == raw
    assert [each.kind for each in read_course(tmp_path / "course").activities] == ["page"]


def test_what_was_hidden_from_learners_stays_hidden(real: Path) -> None:
    course = imported(real)

    assert "Hidden Section" not in [lesson.title for lesson in course.lessons]
    assert ("Section 5 / Hidden Forum", "forum") in found(course, Outcome.DROPPED)


def test_ids_are_names_and_stand_once(real: Path) -> None:
    course = imported(real)

    for ids in ([each.id for each in course.questions], [each.id for each in course.activities]):
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,47}", each) for each in ids)


def backup(folder: Path, activities: Mapping[str, str], **files: str) -> Path:
    """A backup with one section. `activities`: the inner XML by kind; `files`: more files, `__` for a slash."""
    path = folder / "made.mbz"
    listed = "".join(
        f"<activity><moduleid>{n}</moduleid><sectionid>1</sectionid><modulename>{kind.split('-')[0]}</modulename>"
        f"<title>{kind}</title><directory>activities/{kind}_{n}</directory></activity>"
        for n, kind in enumerate(activities, 1)
    )
    section = "<section><sectionid>1</sectionid><title>1</title><directory>sections/section_1</directory></section>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "moodle_backup.xml",
            "<moodle_backup><information><original_course_fullname>Made</original_course_fullname><contents>"
            f"<activities>{listed}</activities><sections>{section}</sections></contents></information></moodle_backup>",
        )
        archive.writestr(
            "sections/section_1/section.xml", "<section id='1'><number>1</number><name>One</name></section>"
        )
        for n, (kind, inner) in enumerate(activities.items(), 1):
            name = kind.split("-")[0]
            archive.writestr(
                f"activities/{kind}_{n}/{name}.xml",
                f"<activity contextid='9{n}'><{name} id='{n}'>{inner}</{name}></activity>",
            )
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ("" if name.startswith("files__") else ".xml"), text)
    return path


def question(name: int, kind: str, text: str, plugin: str = "", parent: int = 0) -> str:
    return (
        f"<question id='{name}'><parent>{parent}</parent><name>Q{name}</name>"
        f"<questiontext>{escape(text)}</questiontext>"
        f"<qtype>{kind}</qtype><defaultmark>1</defaultmark>"
        f"<plugin_qtype_{kind}_question>{plugin}</plugin_qtype_{kind}_question></question>"
    )


def answers(*fractions: tuple[str, str]) -> str:
    listed = "".join(
        f"<answer id='{n}'><answertext>{escape(text)}</answertext><fraction>{fraction}</fraction></answer>"
        for n, (text, fraction) in enumerate(fractions, 1)
    )
    return f"<answers>{listed}</answers>"


def bank(*questions: str) -> str:
    inner = "".join(questions)
    category = f"<question_category id='1'><contextid>7</contextid>{inner}</question_category>"
    return f"<question_categories>{category}</question_categories>"


def quiz_of(*instances: str) -> str:
    inner = "".join(f"<question_instance>{each}</question_instance>" for each in instances)
    return f"<question_instances>{inner}</question_instances>"


def in_a_quiz(folder: Path, *questions: str, ask: tuple[int, ...] = (1,)) -> ImportedCourse:
    quiz = quiz_of(*(f"<questionid>{name}</questionid><grade>{1}</grade>" for name in ask))
    page = "<content>&lt;p&gt;words&lt;/p&gt;</content>"
    return imported(backup(folder, {"quiz": quiz, "page": page}, questions=bank(*questions)))


def test_since_moodle_4_a_quiz_asks_the_latest_version_that_is_no_draft(tmp_path: Path) -> None:
    def version(number: int, status: str) -> str:
        inner = question(10 + number, "truefalse", f"Version {number}?", answers(("True", "1"), ("False", "0")))
        return (
            f"<question_versions id='{number}'><version>{number}</version><status>{status}</status>"
            f"<questions>{inner}</questions></question_versions>"
        )

    entry = "".join(version(number, status) for number, status in ((1, "ready"), (2, "ready"), (3, "draft")))
    entries = (
        f"<question_bank_entries><question_bank_entry id='5'><question_version>{entry}</question_version>"
        "</question_bank_entry></question_bank_entries>"
    )
    reference = (
        "<question_reference><questionbankentryid>5</questionbankentryid><version>{}</version></question_reference>"
    )
    drawn = "<question_set_reference><filtercondition>{}</filtercondition></question_set_reference>"
    quiz = quiz_of(
        f"<slot>2</slot><maxmark>2.0</maxmark>{reference.format('$@NULL@$')}",
        f"<slot>1</slot><maxmark>3.0</maxmark>{reference.format(1)}",
        f"<slot>3</slot><maxmark>1.0</maxmark>{drawn}",
    )
    course = imported(backup(tmp_path, {"quiz": quiz}, questions=bank(entries)))

    assert [(each.prompt, each.points) for each in course.questions] == [("Version 1?", 3), ("Version 2?", 2)]
    assert [where for where, _ in found(course, Outcome.DROPPED)] == ["One / quiz / random question"]


def test_a_question_that_the_backup_lost_is_broken(tmp_path: Path) -> None:
    true_false = question(1, "truefalse", "Wet?", answers(("True", "1"), ("False", "0")))

    course = in_a_quiz(tmp_path, true_false, ask=(1, 44))

    assert found(course, Outcome.BROKEN) == [("One / quiz / 44", "question")]


def test_a_picture_of_a_question_is_found_by_its_area(tmp_path: Path) -> None:
    raw = "not really a picture"
    digest = hashlib.sha1(raw.encode()).hexdigest()  # noqa: S324 (Moodle's)
    file = (
        f"<file><contenthash>{digest}</contenthash><contextid>7</contextid><component>question</component>"
        "<filearea>questiontext</filearea><itemid>1</itemid><filepath>/a b/</filepath><filename>p.png</filename>"
        f"<filesize>{len(raw)}</filesize><mimetype>image/png</mimetype></file>"
    )
    text = '<p>What?<img src="@@PLUGINFILE@@/a%20b/p.png" alt="a leaf"></p>'
    ask = question(1, "truefalse", text, answers(("True", "1"), ("False", "0")))
    path = backup(
        tmp_path,
        {"quiz": quiz_of("<questionid>1</questionid>")},
        questions=bank(ask),
        files=f"<files>{file}</files>",
        **{f"files__{digest[:2]}__{digest}": raw},
    )
    with open_package(path) as package:
        named = MoodleImporter().opened(package)
        (asked,) = MoodleImporter().read(named).questions
        assert named.read(asked.picture, 100) == raw.encode()

    assert asked.picture_alt == "a leaf"


def test_a_file_that_was_cut_short_is_broken(tmp_path: Path) -> None:
    digest = "ab" + "0" * 38
    file = (
        f"<file><contenthash>{digest}</contenthash><contextid>91</contextid><component>mod_resource</component>"
        "<filearea>content</filearea><itemid>0</itemid><filepath>/</filepath><filename>a.pdf</filename>"
        "<filesize>5000</filesize><mimetype>application/pdf</mimetype></file>"
    )
    page = "<content>&lt;p&gt;words&lt;/p&gt;</content>"
    course = imported(
        backup(
            tmp_path,
            {"resource": "", "page": page},
            files=f"<files>{file}</files>",
            **{f"files__ab__{digest}": "short"},
        )
    )

    assert found(course, Outcome.BROKEN) == [("a.pdf", "file"), ("One / resource", "resource")]


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (
            question(
                1,
                "multichoice",
                "Which?",
                answers(("a", "0.5"), ("b", "0.5"), ("c", "-1")) + "<multichoice><single>0</single></multichoice>",
            ),
            "multiple_choice",
        ),
        (question(1, "shortanswer", "Word?", answers(("wat*", "1"))), "free_text"),
        (question(1, "shortanswer", "Word?", answers(("water", "1"), ("wat*", "1"), ("*", "0"))), "short_text"),
        (question(1, "ordering", "Order", answers(("second", "2"), ("first", "1"))), "ordering"),
        (question(1, "ddwtos", "The [[1]] is [[2]].", answers(("sky", "0"), ("blue", "0"), ("red", "0"))), "matching"),
        (question(1, "gapselect", "The [[1]] is high.", answers(("sky", "1"), ("sea", "1"))), "matching"),
    ],
)
def test_kinds_that_the_real_backup_has_not(tmp_path: Path, asked: str, kind: str) -> None:
    (read,) = in_a_quiz(tmp_path, asked).questions

    assert read.kind == kind


def test_words_for_gaps_are_matched_and_the_rest_matches_nothing(tmp_path: Path) -> None:
    asked = question(1, "ddwtos", "The [[2]] is [[1]].", answers(("blue", "0"), ("sky", "0"), ("red", "0")))
    (read,) = in_a_quiz(tmp_path, asked).questions

    assert [(pair.item, pair.match) for pair in read.pairs] == [
        ("The _____ is ….", "sky"),
        ("The … is _____.", "blue"),
        ("", "red"),
    ]


@pytest.mark.parametrize(
    "asked",
    [
        question(1, "multichoice", "", answers(("a", "1"), ("b", "0"))),
        question(1, "multichoice", "Which?", answers(("a", "0"), ("b", "0"))),
        question(1, "multichoice", "Which?", ""),
        question(1, "truefalse", "Wet?", answers(("True", "lots"), ("False", "0"))),
        question(1, "numerical", "How many?", answers(("1e999999999", "1"))),
        question(1, "numerical", "How many?", answers(("many", "1"))),
        question(1, "calculated", "{A}?", answers(("sqrt({A})", "1"))),
        question(1, "calculated", "{A}?", answers(("__import__('os').getpid()", "1"))),
        question(1, "calculated", "{A}?", answers(("9**9**9**9", "1"))),
        question(1, "calculated", "{A}?", answers(("1/0", "1"))),
        question(1, "match", "Match", "<matches><match><questiontext>a</questiontext></match></matches>"),
        question(1, "multianswer", "Gap {#1}", "<multianswer><sequence>77</sequence></multianswer>"),
        question(1, "ddwtos", "The [[9]]", answers(("sky", "0"))),
        question(1, "ddwtos", "[[1]]" * 60, answers(("sky", "0"))),
        question(1, "essay", "Long " * 2_000),
        question(1, "stack", "Prove it."),
    ],
)
def test_a_question_that_cannot_be_judged_is_named_and_never_empty(tmp_path: Path, asked: str) -> None:
    course = in_a_quiz(tmp_path, asked)

    assert list(course.questions) == []
    assert any(
        where == "One / quiz / Q1" for where, _ in found(course, Outcome.DROPPED) + found(course, Outcome.BROKEN)
    )


def test_a_lesson_of_moodle_becomes_its_pages_then_its_questions(tmp_path: Path) -> None:
    def page(name: int, kind: int, title: str, before: int, after: int, inner: str = "") -> str:
        return (
            f"<page id='{name}'><qtype>{kind}</qtype><qoption>0</qoption><prevpageid>{before}</prevpageid>"
            f"<nextpageid>{after}</nextpageid><title>{title}</title><contents>&lt;p&gt;{title}&lt;/p&gt;</contents>"
            f"<answers>{inner}</answers></page>"
        )

    choices = "".join(
        f"<answer><answer_text>{text}</answer_text><score>{score}</score></answer>"
        for text, score in (("a", 1), ("b", 0))
    )
    pages = (
        page(3, 3, "Ask", 2, 0, choices)
        + page(2, 20, "Second", 1, 3)
        + page(1, 20, "First", 0, 2)
        + page(4, 21, "End", 9, 0)
    )
    course = imported(backup(tmp_path, {"lesson": f"<pages>{pages}</pages>"}))

    assert [each.title for each in course.activities] == ["First", "Second", "lesson"]
    assert [each.kind for each in course.questions] == ["single_choice"]


def test_in_a_lesson_without_points_the_answer_that_leads_on_is_right(tmp_path: Path) -> None:
    choices = "".join(
        f"<answer><answer_text>{text}</answer_text><score>0</score><jumpto>{to}</jumpto></answer>"
        for text, to in (("stay", 0), ("on", -1))
    )
    page = f"<page id='1'><qtype>2</qtype><title>T</title><contents>Go?</contents><answers>{choices}</answers></page>"
    course = imported(backup(tmp_path, {"lesson": f"<pages>{page}</pages>"}))

    (question,) = course.questions
    assert [(choice.text, choice.correct) for choice in question.choices] == [("stay", False), ("on", True)]


def test_links_between_activities_lead_there(tmp_path: Path) -> None:
    first = "<content>&lt;a href=&quot;$@PAGEVIEWBYID*2@$&quot;&gt;on&lt;/a&gt;</content>"
    second = "<content>&lt;p&gt;here&lt;/p&gt;</content>"
    course = imported(backup(tmp_path, {"page": first, "page-b": second}))

    before, after = course.activities
    assert isinstance(before, Page)
    assert f'href="activity:{after.id}"' in before.body


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("questions", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("questions", "<a>" * 1000),
        ("activities__page_1__module", "<module><visible>"),
    ],
)
def test_one_bad_file_costs_only_what_is_in_it(tmp_path: Path, name: str, text: str) -> None:
    course = imported(backup(tmp_path, {"page": "<content>&lt;p&gt;words&lt;/p&gt;</content>"}, **{name: text}))

    assert len(list(course.activities)) == 1
    assert len(found(course, Outcome.BROKEN)) == 1


@pytest.mark.parametrize(
    "listed",
    [
        "<file><contenthash>../../../etc/passwd</contenthash><filename>a</filename></file>",
        f"<file><contenthash>{'a' * 40}</contenthash><filepath>/../../</filepath><filename>a</filename></file>",
    ],
)
def test_a_file_that_leads_outside_is_broken_and_the_rest_stays(tmp_path: Path, listed: str) -> None:
    page = {"page": "<content>&lt;p&gt;words&lt;/p&gt;</content>"}
    course = imported(backup(tmp_path, page, files=f"<files>{listed}</files>"))

    assert found(course, Outcome.BROKEN) == [("a", "file")]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"moodle.xml": "<MOODLE_BACKUP/>"}, "Moodle 1.9"),
        ({"moodle_backup.xml": "<moodle_backup/>"}, "holds no activity"),
        ({"moodle_backup.xml": "<moodle_backup>"}, "moodle_backup.xml: no XML"),
        ({"moodle_backup.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, "DTD or entities"),
    ],
)
def test_a_backup_without_a_course_says_so(tmp_path: Path, files: dict[str, str], says: str) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    (tmp_path / "bad.mbz").write_bytes(raw.getvalue())

    with pytest.raises(BrokenPackage, match=re.escape(says)):
        imported(tmp_path / "bad.mbz")


def test_arithmetic_is_computed_exactly_and_nothing_else_is() -> None:
    values = {"A": "3.5", "B": "-2"}

    assert computed("{A}*{B} + 1", values) == -6
    assert computed("({A}-{B})/2", values) == number("2.75")
    assert computed("abs({A})", values) is None
    assert computed("{C}", values) is None
    assert computed("(" * 5_000, values) is None
