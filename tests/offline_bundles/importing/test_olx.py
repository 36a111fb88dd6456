"""Open edX courses come in whole: everything that a learner saw is there, or named among the findings with a reason.

What is really in the files is counted here by regular expressions over their raw text, not by the importer's reader.
"""

import html
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from offline_bundles import FolderStore, Signer, pack
from offline_bundles.course import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.folder import plan_folder, write_folder
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import ImportedCourse, Outcome, Page, Pair, Question, Quiz, Video
from offline_bundles.importing.olx import OlxImporter
from offline_bundles.importing.packages import open_package

COURSES = {
    "demo": "olx-openedx-demo/course",
    "library": "olx-openedx-demo/library",
    "studio": "olx-harvardx-studio-advanced/course",
    "grading": "olx-mitx-grading/course",
    "kitchen": "olx-oxa-kitchen-sink/course",
    "dragging": "olx-opencraft-xblocks/drag-and-drop-v2",
    "builder": "olx-opencraft-xblocks/problem-builder",
}
CHILD = re.compile(r'<([a-z][\w-]*)\b([^>]*?)url_name="([^"]+)"([^>]*?)(/?)>')
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HOLDERS = {"chapter", "sequential", "vertical", "split_test", "library_content"}
RESPONSE = re.compile(r"<([a-z]+response|optioninput)\b")


@dataclass(frozen=True)
class Raw:
    """A course's files, and the names of the blocks that a learner comes to, in order."""

    folder: Path
    blocks: tuple[tuple[str, str], ...]

    def named(self, tag: str) -> list[str]:
        return [name for found, name in self.blocks if found == tag]

    def text(self, tag: str, name: str, ending: str = "xml") -> str:
        return (self.folder / tag / f"{name}.{ending}").read_text()

    def html(self) -> Iterator[str]:
        for name in self.named("html"):
            file = re.search(r'filename="([^"]+)"', self.text("html", name))
            yield self.text("html", file[1], "html") if file else self.text("html", name)

    def responses(self) -> Counter[str]:
        """A list to choose from counts for each list, as `optioninput`."""
        texts = (COMMENT.sub("", self.text("problem", name)) for name in self.named("problem"))
        counts = Counter(tag for text in texts for tag in RESPONSE.findall(text))
        del counts["optionresponse"]
        return counts


def raw_course(folder: Path) -> Raw:
    if not (folder / "course.xml").exists():
        return Raw(folder, tuple(_below(folder, (folder / "library.xml").read_text())))
    run = re.search(r'url_name="([^"]+)"', (folder / "course.xml").read_text())
    assert run
    return Raw(folder, tuple(_below(folder, (folder / "course" / f"{run[1]}.xml").read_text())))


def _below(folder: Path, text: str) -> Iterator[tuple[str, str]]:
    """Of an experiment's groups, the first; nothing of what is for staff only."""
    inner = COMMENT.sub("", text).partition(">")[2]
    for tag, before, name, after, closed in CHILD.findall(inner):
        file = folder / tag / f"{name}.xml"
        own = file.read_text() if closed and file.exists() else ""
        if 'visible_to_staff_only="true"' in before + after + own.partition(">")[0]:
            continue
        yield tag, name
        if own and tag in HOLDERS:
            yield from list(_below(folder, own)) if tag != "split_test" else _first_group(folder, own)


def _first_group(folder: Path, own: str) -> Iterator[tuple[str, str]]:
    first = CHILD.search(own.partition(">")[2])
    assert first
    yield from _below(folder, f"<split_test>{first[0]}")


def imported(folder: Path) -> ImportedCourse:
    with open_package(folder) as package:
        assert OlxImporter().recognises(package)
        return OlxImporter().read(package)


@pytest.fixture(scope="module", params=COURSES, ids=str)
def both(request: pytest.FixtureRequest, shared_data: Path) -> tuple[Raw, ImportedCourse]:
    folder = shared_data / COURSES[request.param]
    return raw_course(folder), imported(folder)


def test_every_problem_is_asked_or_named(both: tuple[Raw, ImportedCourse]) -> None:
    raw, course = both
    asked = {question.id.rpartition("-")[0] for question in course.questions}
    titles = {finding.where.rpartition(" › ")[2] for finding in course.findings if finding.outcome is Outcome.DROPPED}

    for name in raw.named("problem"):
        title = re.search(r'display_name="([^"]*)"', raw.text("problem", name).partition(">")[0])
        reported = title and any(told.startswith(html.unescape(title[1])[:20]) for told in titles)
        assert name in asked or reported, name


def test_every_response_became_a_question_or_a_finding(both: tuple[Raw, ImportedCourse]) -> None:
    raw, course = both
    dropped = Counter(finding.kind for finding in course.findings if finding.outcome is Outcome.DROPPED)
    responses = raw.responses()
    whole = sum(_responses_of(raw, title) for title in _computed(course))

    problems = set(raw.named("problem"))
    taken = sum(question.id.rpartition("-")[0] in problems for question in course.questions)
    taken += sum(count for kind, count in dropped.items() if kind.endswith("response"))

    assert taken + whole == responses.total()


def _computed(course: ImportedCourse) -> list[str]:
    """Titles of the problems that were dropped whole, since Python makes their numbers."""
    told = (each for each in course.findings if each.kind == "problem" and "made by Python code" in each.why)
    return [each.where.rpartition(" › ")[2] for each in told]


def _responses_of(raw: Raw, title: str) -> int:
    start = f'display_name="{html.escape(title.rstrip("…"))}'
    (text,) = [text for name in raw.named("problem") if start in (text := raw.text("problem", name))]
    return len(RESPONSE.findall(COMMENT.sub("", text)))


def test_the_text_of_every_page_is_there(both: tuple[Raw, ImportedCourse]) -> None:
    raw, course = both
    said = re.sub(r"\W", "", " ".join(plain_text(each.body) for each in course.activities if isinstance(each, Page)))

    for text in raw.html():
        bare = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", " ", text, flags=re.DOTALL | re.IGNORECASE)
        sentence = next(iter(re.findall(r">\s*([A-Z][\w ,]{25,60})", bare)), "")
        assert re.sub(r"\W", "", sentence) in said


def test_every_other_block_is_named(both: tuple[Raw, ImportedCourse]) -> None:
    """As a question, by itself, or among what is said to be in the block that holds it."""
    raw, course = both
    blocks = Counter(tag for tag, _ in raw.blocks if tag not in HOLDERS | {"html", "problem", "video", "wiki"})
    dropped = [finding for finding in course.findings if finding.outcome is Outcome.DROPPED]
    told = Counter(finding.kind for finding in dropped)
    asked = {question.id.rpartition("-")[0] for question in course.questions}
    told.update(tag for tag, name in raw.blocks if tag not in HOLDERS | {"problem"} and name in asked)
    for finding in dropped:
        told.update({tag: int(count) for count, tag in re.findall(r"(\d+) ([a-z]+-[a-z-]+)", finding.why)})

    assert {tag: told[tag] for tag in blocks} == dict(blocks)


def test_every_video_is_a_video_a_transcript_or_a_finding(both: tuple[Raw, ImportedCourse]) -> None:
    raw, course = both
    told = [each for each in course.findings if each.kind == "video" and not each.where.startswith("video/")]
    videos = [each for each in course.activities if isinstance(each, Video)]

    assert len(told) + len(videos) == len(raw.named("video"))


def test_exactly_the_pictures_that_are_missing_are_broken_references(both: tuple[Raw, ImportedCourse]) -> None:
    raw, course = both
    stored = {re.sub(r"[^\w.-]", "_", path.name) for path in (raw.folder / "static").glob("*")}
    written = {
        unquote(html.unescape(name))
        for text in raw.html()
        for name in re.findall(r'<img[^>]*src="/static/([^"?#]+)', text)
    }
    missing = {name for name in written if re.sub(r"[^\w.-]", "_", name) not in stored}

    with open_package(raw.folder) as package:
        plan = plan_folder(course, package)
    told = [each for each in plan.findings if each.kind == "picture" and each.outcome is Outcome.BROKEN]
    broken = {unquote(each.why.removesuffix(" is not in the package.").rpartition("static/")[2]) for each in told}

    assert broken == missing


KINDS: Mapping[str, Mapping[str, int]] = {
    "demo": {"single_choice": 18, "multiple_choice": 2, "short_text": 2, "numeric": 3, "free_text": 6, "matching": 1},
    "library": {"single_choice": 5, "numeric": 1},
    "grading": {"free_text": 1},
    "kitchen": {"single_choice": 4, "multiple_choice": 2, "short_text": 2, "numeric": 1, "free_text": 2},
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_response_becomes_the_kind_that_fits(shared_data: Path, name: str) -> None:
    """Where each radio, list and check box is simple, kinds follow from the raw counts alone."""
    raw, course = raw_course(shared_data / COURSES[name]), imported(shared_data / COURSES[name])
    responses = raw.responses()
    kinds = Counter(question.kind for question in course.questions)

    assert kinds == KINDS[name]
    assert kinds["single_choice"] == responses["multiplechoiceresponse"] + responses["optioninput"]
    assert kinds["multiple_choice"] == responses["choiceresponse"]


def test_the_grading_library_is_not_graded_by_its_python(shared_data: Path) -> None:
    course = imported(shared_data / COURSES["grading"])
    dropped = [finding for finding in course.findings if finding.kind == "customresponse"]

    assert len(dropped) == 62
    assert all("Python code of the course, which is never run" in finding.why for finding in dropped)


def test_an_experiment_shows_everybody_its_first_group(shared_data: Path) -> None:
    raw, course = raw_course(shared_data / COURSES["studio"]), imported(shared_data / COURSES["studio"])

    told = [finding for finding in course.findings if finding.kind == "split_test"]

    assert len(told) == len(raw.named("split_test")) > 20


def test_links_between_units_lead_to_activities(shared_data: Path) -> None:
    folder = shared_data / COURSES["studio"]
    with open_package(folder) as package:
        plan = plan_folder(imported(folder), package)
    jumps = sum(text.count("/jump_to_id/") for text in raw_course(folder).html())
    ids = {activity["id"] for lesson in plan.values["lessons"] for activity in lesson["activities"]}
    goals = re.findall(r'href="#/course/[^/]+/([^"]+)"', " ".join(plan.texts.values()))

    assert jumps > 50 and len(goals) > 50
    assert set(goals) <= ids


def test_a_graded_midterm_stays_graded(shared_data: Path) -> None:
    folder = shared_data / COURSES["kitchen"]
    graded = [path for path in (folder / "sequential").glob("*.xml") if 'graded="true"' in path.read_text()]

    quizzes = [each for each in imported(folder).activities if isinstance(each, Quiz)]

    assert graded and any(quiz.graded for quiz in quizzes)


def test_a_tar_gz_is_the_same_course_as_its_folder(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / COURSES["kitchen"]
    with tarfile.open(tmp_path / "course.tar.gz", "w:gz") as archive:
        archive.add(folder, "course")

    packed, plain = imported(tmp_path / "course.tar.gz"), imported(folder)

    assert [each.id for each in packed.activities] == [each.id for each in plain.activities]
    assert list(packed.questions) == list(plain.questions)


def test_a_folder_of_two_courses_asks_which(shared_data: Path) -> None:
    with pytest.raises(BrokenPackage, match=r"holds 2 courses: drag-and-drop-v2, problem-builder\. Import"):
        imported(shared_data / "olx-opencraft-xblocks")


@pytest.mark.parametrize("name", ["kitchen", "grading"])
def test_a_real_course_packs(shared_data: Path, tmp_path: Path, name: str) -> None:
    folder = shared_data / COURSES[name]
    with open_package(folder) as package:
        write_folder(plan_folder(OlxImporter().read(package), package), package, tmp_path / "course")

    store, signer = FolderStore(tmp_path / "objects"), Signer.from_seed(bytes(32))
    release = pack(tmp_path / "course", store=store, cache=tmp_path / "cache", signer=signer, previous=None)

    written = read_course(tmp_path / "course")
    assert len(release.manifest["lessons"]) == len(written.lessons) > 5
    assert not release.report.dropped, "what could not come along was told at the import"


# Problems, one by one.


def course_with(folder: Path, problem: str, **files: str) -> ImportedCourse:
    (folder / "course.xml").write_text(
        '<course url_name="run" org="o" course="c" display_name="C"><chapter url_name="a" display_name="A">'
        '<sequential url_name="b" display_name="B"><vertical url_name="c" display_name="Unit">'
        f'<problem url_name="p" display_name="P">{problem}</problem></vertical></sequential></chapter></course>'
    )
    for name, text in files.items():
        (folder / name).write_text(text)
    return imported(folder)


def only(course: ImportedCourse) -> Question:
    (question,) = course.questions
    return question


def number(answer: str, tolerance: str = "") -> str:
    param = f'<responseparam type="tolerance" default="{tolerance}"/>' if tolerance else ""
    return f'<p>How many?</p><numericalresponse answer="{answer}">{param}<formulaequationinput/></numericalresponse>'


@pytest.mark.parametrize(
    ("answer", "tolerance", "middle", "around"),
    [
        ("600", "5", "600", "5"),
        ("600", "1%", "600", "6"),
        ("-2.5", "10%", "-2.5", "0.25"),
        ("1e3", "0", "1000", "0"),
        ("100000", "", "100000", "1"),
        ("[5,7)", "", "6", "1"),
    ],
)
def test_numbers_keep_their_tolerance(tmp_path: Path, answer: str, tolerance: str, middle: str, around: str) -> None:
    question = only(course_with(tmp_path, number(answer, tolerance)))

    assert (question.kind, question.answer, question.tolerance) == ("numeric", middle, around)


@pytest.mark.parametrize("answer", ["sqrt(2)", "3+2*i", "1/3", "9" * 400, "1e999999999"])
def test_an_answer_that_is_no_plain_number_is_read_by_a_person(tmp_path: Path, answer: str) -> None:
    course = course_with(tmp_path, number(answer))

    assert only(course).kind == "free_text" and answer in only(course).rubric
    assert [finding.outcome for finding in course.findings] == [Outcome.DEGRADED]


def test_a_problem_of_python_is_dropped_and_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = f'<script type="loncapa/python">open({str(ran)!r}, "w"); x = 4</script>'

    course = course_with(
        tmp_path, f'{script}<p>What is $x?</p><numericalresponse answer="$x"><textline/></numericalresponse>'
    )

    assert not list(course.questions) and not ran.exists()
    assert "made by Python code of the course, which is never run" in course.findings[0].why


RADIO = (
    '<multiplechoiceresponse><choicegroup><choice correct="true">Yes</choice><choice>No</choice></choicegroup>'
    "</multiplechoiceresponse>"
)


def test_several_responses_are_several_questions_with_the_text_before_each(tmp_path: Path) -> None:
    course = course_with(tmp_path, f"<p>Read.</p><p>First?</p>{RADIO}<p>Second?</p>{RADIO}{RADIO}<p>That is all.</p>")

    prompts = [question.prompt for question in course.questions]
    assert prompts == ["Read.\nFirst?", "Second?", "Second? (3)\nThat is all."]
    assert len({question.id for question in course.questions}) == 3


def test_choices_hints_and_solutions_go_where_they_belong(tmp_path: Path) -> None:
    course = course_with(
        tmp_path,
        '<choiceresponse><label>Which?</label><checkboxgroup><choice correct="true">One'
        '<choicehint selected="true">Right</choicehint></choice><choice correct="false"><b>Two</b></choice>'
        "</checkboxgroup><solution><p>It is one.</p></solution></choiceresponse>",
    )

    question = only(course)
    assert question.kind == "multiple_choice" and question.prompt.startswith("Which?")
    assert [(choice.text, choice.correct, choice.feedback) for choice in question.choices] == [
        ("One", True, "Right"),
        ("Two", False, ""),
    ]
    assert question.feedback == "It is one."


def test_everything_that_a_response_says_is_in_its_question(tmp_path: Path) -> None:
    course = course_with(
        tmp_path,
        "<stringresponse answer='x'>Loose <label>Label</label><description>Description</description>"
        "<pre>if x:\n  go()</pre><ul><li>item</li></ul><textline/>tail</stringresponse>",
    )

    assert only(course).prompt == "Loose\nLabel\nDescription\nif x:\n  go()\nitem\ntail"


@pytest.mark.parametrize(
    ("answer", "kind", "accept"),
    [
        ('answer="Cat" type="ci"', "short_text", ("Cat",)),
        ('answer="^(red|blue)$" type="ci regexp"', "short_text", ("red", "blue")),
        ('answer="..bble" type="regexp"', "free_text", ()),
    ],
)
def test_texts_are_compared_and_patterns_only_where_they_list_words(
    tmp_path: Path, answer: str, kind: str, accept: tuple[str, ...]
) -> None:
    question = only(course_with(tmp_path, f"<p>Say</p><stringresponse {answer}><textline/></stringresponse>"))

    assert (question.kind, question.accept) == (kind, accept)


def test_a_list_to_choose_from_reads_quotes_as_python_writes_them(tmp_path: Path) -> None:
    course = course_with(
        tmp_path,
        """<p>Who?</p><optionresponse><optioninput options="('Newton','O\\'Neill',&quot;de l'Hôpital&quot;)" """
        """correct="O'Neill"/></optionresponse>""",
    )

    assert [choice.text for choice in only(course).choices] == ["Newton", "O'Neill", "de l'Hôpital"]
    assert [choice.correct for choice in only(course).choices] == [False, True, False]


def unit_with(folder: Path, block: str) -> ImportedCourse:
    (folder / "course.xml").write_text(
        f'<course url_name="r"><vertical url_name="v" display_name="Unit">{block}</vertical></course>'
    )
    return imported(folder)


def dragging(folder: Path, items: list[dict[str, object]], zones: list[dict[str, object]]) -> ImportedCourse:
    data = html.escape(json.dumps({"items": items, "zones": zones, "feedback": {"finish": "<b>Done</b>"}}))
    return unit_with(
        folder, f'<drag-and-drop-v2 url_name="d" question_text="&lt;p&gt;Where?&lt;/p&gt;" data="{data}"/>'
    )


def test_things_to_drag_are_matched_with_the_names_of_their_places(tmp_path: Path) -> None:
    course = dragging(
        tmp_path,
        [
            {"displayName": "Alberta", "zone": "AB"},
            {"displayName": "Yukon", "zones": ["z2", "z1"]},
            {"displayName": "X", "zone": "none"},
        ],
        [{"title": "AB", "id": "z1"}, {"title": "North", "uid": "z2"}, {"title": "South"}],
    )

    question = only(course)
    assert (question.kind, question.prompt, question.feedback) == ("matching", "Where?", "Done")
    assert question.pairs == (Pair("Alberta", "AB"), Pair("Yukon", "North"), Pair("", "South"))
    told = " ".join(finding.why for finding in course.findings)
    assert "“X”, which goes nowhere, is left out" in told and "“Yukon” may go to several places" in told


@pytest.mark.parametrize("data", ["", "[]", "{", "[" * 100_000, '{"items": 3, "zones": [4]}'])
def test_things_to_drag_that_cannot_be_read_are_dropped(tmp_path: Path, data: str) -> None:
    course = unit_with(tmp_path, f'<drag-and-drop-v2 url_name="d" question_text="Where?" data="{html.escape(data)}"/>')

    assert not list(course.questions)
    assert [finding.outcome for finding in course.findings] == [Outcome.DROPPED]


def test_things_that_read_the_same_cannot_be_matched(tmp_path: Path) -> None:
    things: list[dict[str, object]] = [{"displayName": "?", "zone": "A"}, {"displayName": "?", "zone": "B"}]

    course = dragging(tmp_path, things, [{"title": "A"}, {"title": "B"}])

    assert not list(course.questions)
    assert "read the same" in course.findings[0].why


def test_an_open_response_becomes_free_text_with_its_rubric(tmp_path: Path) -> None:
    course = unit_with(
        tmp_path,
        '<openassessment url_name="o"><title>Essay</title><prompts><prompt><description>&lt;p&gt;Tell.&lt;/p&gt;'
        "</description></prompt></prompts><rubric><criterion><name>a</name><label>Clarity</label><prompt>Is it clear?"
        "</prompt></criterion></rubric></openassessment>",
    )

    assert (only(course).kind, only(course).prompt, only(course).rubric) == (
        "free_text",
        "Tell.",
        "Clarity: Is it clear?",
    )


def test_a_block_that_names_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "vertical").mkdir()
    (tmp_path / "vertical" / "loop.xml").write_text('<vertical><vertical url_name="loop"/></vertical>')
    (tmp_path / "course.xml").write_text('<course url_name="r"><vertical url_name="loop"/></course>')

    assert any("deeper than any course nests" in finding.why for finding in imported(tmp_path).findings)


def test_blocks_that_multiply_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "vertical").mkdir()
    for number_ in range(8):
        inner = f'<vertical url_name="v{number_ + 1}"/>' * 30
        (tmp_path / "vertical" / f"v{number_}.xml").write_text(f"<vertical>{inner}</vertical>")
    (tmp_path / "vertical" / "v8.xml").write_text("<vertical/>")
    (tmp_path / "course.xml").write_text('<course url_name="r"><vertical url_name="v0"/></course>')

    with pytest.raises(BrokenPackage, match="more than 20000 blocks"):
        imported(tmp_path)


def test_what_the_course_names_and_does_not_hold_is_a_broken_reference(tmp_path: Path) -> None:
    (tmp_path / "course.xml").write_text(
        '<course url_name="r"><chapter url_name="gone"/><chapter url_name="c" display_name="C">'
        '<sequential url_name="s"><vertical url_name="v"><html url_name="h" filename="gone"/><video url_name="x"/>'
        '<html url_name="i">Hi</html></vertical></sequential></chapter></course>'
    )

    course = imported(tmp_path)

    assert [finding.kind for finding in course.findings if finding.outcome is Outcome.BROKEN] == [
        "chapter",
        "video",
        "html",
    ]
    assert [page.body for page in course.activities if isinstance(page, Page)] == ["Hi"]


def test_a_video_of_the_course_comes_along_with_its_captions(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "my talk.mp4").write_bytes(b"film")
    (tmp_path / "static" / "talk-en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    (tmp_path / "course.xml").write_text(
        '<course url_name="r"><vertical url_name="v" display_name="Unit"><video url_name="x" display_name="Talk">'
        '<source src="https://example.org/talk.mp4"/><source src="/static/my_talk.mp4"/>'
        '<transcript language="en" src="talk-en.srt"/></video></vertical></course>'
    )

    assert list(imported(tmp_path).activities) == [
        Video("x", "Talk", "static/my talk.mp4", {"en": "static/talk-en.srt"})
    ]


def test_a_broken_block_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "problem").mkdir()
    (tmp_path / "problem" / "bad.xml").write_text("<problem><p>")
    (tmp_path / "problem" / "bomb.xml").write_text('<!DOCTYPE x [<!ENTITY a "b">]><problem>&a;</problem>')
    (tmp_path / "course.xml").write_text(
        '<course url_name="r"><vertical url_name="v"><problem url_name="bad"/><problem url_name="bomb"/>'
        '<html url_name="h">Text</html></vertical></course>'
    )

    course = imported(tmp_path)

    assert [finding.outcome for finding in course.findings] == [Outcome.BROKEN, Outcome.BROKEN]
    assert len(list(course.activities)) == 1


def test_a_choice_that_is_a_picture_is_its_description(tmp_path: Path) -> None:
    choices = (
        '<choice correct="true"><img src="/static/x.png" alt="a cat"/></choice><choice correct="false">a dog</choice>'
    )
    course = course_with(
        tmp_path, f"<multiplechoiceresponse><choicegroup>{choices}</choicegroup></multiplechoiceresponse><p>Which?</p>"
    )
    assert [choice.text for choice in only(course).choices] == ["a cat", "a dog"]
    assert "a picture in an answer is replaced by its description" in [each.why.rstrip(".") for each in course.findings]


def test_every_draft_is_named_by_itself(tmp_path: Path) -> None:
    (tmp_path / "drafts" / "html").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "drafts" / "html" / f"{name}.html").write_text("<p>not yet</p>")
    problem = '<stringresponse answer="x"><label>A?</label><textline/></stringresponse>'
    named = [each.where for each in course_with(tmp_path, problem).findings if each.kind == "drafts"]
    assert named == ["drafts/html/one.html", "drafts/html/two.html"]
