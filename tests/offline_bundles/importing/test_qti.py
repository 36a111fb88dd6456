"""QTI of all ages, from real packages; what is in them is counted here without our reader."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import pytest
from defusedxml import ElementTree

from offline_bundles.course import read_course
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import plan_folder, write_folder
from offline_bundles.importing.imported import Choice, Finding, ImportedCourse, Outcome, Page, Pair, Question, Quiz
from offline_bundles.importing.packages import open_package
from offline_bundles.importing.qti import QtiImporter
from offline_bundles.importing.qti.scoring import Processing

ALIEN = {"fib.xml", "fib_str.xml", "item_no_title.xml"}
ALIEN |= {"choice_vary_points_by_answer.xml", "choice_vary_points_by_answer_zero_points.xml"}


def read(path: Path) -> ImportedCourse:
    with open_package(path) as package:
        importer = QtiImporter()
        assert importer.recognises(package)
        return importer.read(package)


def document(text: str, folder: Path) -> ImportedCourse:
    path = folder / "quiz.xml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def kinds(course: ImportedCourse) -> Counter[str]:
    return Counter(question.kind for question in course.questions)


def members(path: Path, ending: str) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(ending) and not name.startswith("__MACOSX")]
        return {name: archive.read(name) for name in names}


def items_of(root: Element) -> Iterator[Element]:
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == "item")


def declared_kind(item: Element) -> str:
    """What Canvas calls the item, else what its responses look like."""
    text = tostring(item, "unicode")
    named = re.search(r"question_type</\w*:?fieldlabel>\s*<\w*:?fieldentry>(\w+)", text)
    if named:
        return named[1]
    if "Ordered" in text:
        return "ordering"
    if 'fibtype="Decimal"' in text:
        return "numerical_question"
    if "render_fib" in text:
        return "essay_question"
    return "multiple_answers_question" if 'rcardinality="Multiple"' in text else "multiple_choice_question"


def readable_items(folder: Path) -> list[Element]:
    """Items of the documents that are XML. Entities and outer DTDs are nothing that these documents need."""
    roots = [ElementTree.parse(path).getroot() for path in sorted(folder.glob("*.xml")) if path.name not in ALIEN]
    return [item for root in roots for item in items_of(root)]


def test_every_readable_item_of_canvas_comes_in_or_is_named(shared_data: Path):
    folder = shared_data / "qti-instructure" / "items_1.2"
    there = Counter(declared_kind(item) for item in readable_items(folder))
    course = read(folder)
    here = kinds(course)
    dropped = Counter(finding.kind for finding in course.findings if finding.outcome is Outcome.DROPPED)

    assert dropped == {"hot_spot_question": 4, "file_upload_question": 2, "calculated_question": 1}
    assert there["hot_spot_question"] == 4
    assert there["file_upload_question"] == 2
    assert here["single_choice"] == there["multiple_choice_question"] + there["true_false_question"]
    assert here["multiple_choice"] == there["multiple_answers_question"]
    assert here["ordering"] == there["ordering"] == 3
    assert here["free_text"] == there["essay_question"] + 1  # a gap whose answer is a regular expression
    listed = there["multiple_dropdowns_question"] + there["matching_question"] + there["categorization_question"]
    assert here["matching"] == listed + 1  # gaps that are filled from a list
    pages = [activity for activity in course.activities if isinstance(activity, Page)]
    assert len(pages) == there["text_only_question"]


def test_documents_that_are_no_xml_are_named_with_the_line(shared_data: Path):
    course = read(shared_data / "qti-instructure" / "items_1.2")

    broken = {finding.where: finding.why for finding in course.findings if finding.kind == "file"}
    assert set(broken) == ALIEN
    assert all("line" in why for why in broken.values())


def test_broken_pictures_are_counted_one_by_one(shared_data: Path):
    folder = shared_data / "qti-instructure" / "items_1.2"
    course = read(folder)

    def shown(item: Element) -> str:
        """Prompts and choices, and the feedback that a rule shows."""
        linked = {each.get("linkrefid") for each in item.iter() if each.tag.endswith("displayfeedback")}
        for each in [each for each in item if each.tag.endswith("itemfeedback") and each.get("ident") not in linked]:
            item.remove(each)
        return "".join(item.itertext())

    prompts = [shown(item) for item in readable_items(folder)]
    images = [image for prompt in prompts for image in re.findall(r"<img[^>]*src=", prompt)]
    in_feedback = sum("replaced by its description" in finding.why for finding in course.findings)
    broken = sum(finding.why.startswith("its picture") for finding in course.findings)
    assert broken + in_feedback == len(images)


def test_a_respondus_package_finds_its_pictures_although_their_folder_is_not_written(shared_data: Path):
    path = shared_data / "qti-instructure" / "test_qti_1.2.zip"
    course = read(path)
    items = list(items_of(ElementTree.fromstring(members(path, "quiz.xml")["quiz.xml"])))

    assert len(list(course.questions)) == len(items) == 3
    pictures = {question.picture for question in course.questions if question.picture}
    shown = {f"exam1/my_files/org{number}/images/image.png" for number in (0, 1)}
    assert pictures == shown
    unused = {finding.where for finding in course.findings if finding.why == "no question shows it"}
    assert unused == set(members(path, ".png")) - shown


def test_the_entry_test_of_qti_2_comes_in_whole(shared_data: Path):
    course = read(shared_data / "qti-instructure" / "test_qti_2.1.zip")
    first, second, third, fourth, fifth = course.questions

    assert [choice.text for choice in first.choices if choice.correct] == ["True"]
    assert [choice.text for choice in second.choices] == ["1/6", "1/5", "1/4", "1/3", "1/2"]
    assert second.picture == "Items/Item_VE_IP_02/apip_VE_IP_02.svg"
    assert [choice.correct for choice in third.choices] == [True, True, False, True, False]
    assert fourth.accept[0] == "Lake Michigan"
    assert "Michigan" not in fourth.accept
    assert fifth.kind == "free_text"
    assert any("“Michigan”" in finding.why for finding in course.findings)


def test_a_dutch_exam_of_qti_3_comes_in_by_its_interactions(shared_data: Path):
    path = shared_data / "qti3-kennisnet" / "valid-package.zip"
    course = read(path)
    items = [raw.decode() for name, raw in members(path, ".xml").items() if name.startswith("QUE_")]
    found = Counter(kind for raw in items for kind in re.findall(r"<(qti-[a-z-]+-interaction)", raw))

    assert len(items) == 47
    assert kinds(course) == {
        "single_choice": found["qti-choice-interaction"],
        "free_text": found["qti-extended-text-interaction"],
    }
    asks_nothing = [raw for raw in items if "interaction" not in raw]
    pages = [activity for activity in course.activities if isinstance(activity, Page)]
    many_pictures = [raw for raw in items if raw.count("<img") > 1]
    assert len(pages) == len(asks_nothing) + len(many_pictures) == 6


def test_every_picture_of_the_exam_is_somewhere(shared_data: Path):
    path = shared_data / "qti3-kennisnet" / "valid-package.zip"
    course = read(path)

    on_pages = {
        name for page in course.activities if isinstance(page, Page) for name in re.findall(r'src="([^"]+)"', page.body)
    }
    at_questions = {question.picture for question in course.questions if question.picture}
    assert on_pages | at_questions == set(members(path, ".jpg"))
    assert not [finding for finding in course.findings if finding.outcome is Outcome.BROKEN]


def test_the_right_answers_of_the_exam_are_those_that_it_declares(shared_data: Path):
    path = shared_data / "qti3-kennisnet" / "valid-package.zip"
    declared = {}
    for name, raw in members(path, ".xml").items():
        right = re.search(rb"<qti-correct-response>\s*<qti-value>(\w+)", raw)
        options = re.findall(rb'<qti-simple-choice identifier="(\w+)"', raw)
        if right and options:
            declared[Path(name).stem.lower().replace("_", "-")] = options.index(right[1])

    course = read(path)

    chosen = {q.id: [choice.correct for choice in q.choices].index(True) for q in course.questions if q.choices}
    assert chosen == declared


def test_a_test_without_rules_is_scored_by_its_right_answers_and_says_so(shared_data: Path):
    course = read(shared_data / "qti3-kennisnet" / "no-response-processing.zip")
    (question,) = course.questions

    assert question.kind == "matching"
    assert Pair("ribosomen", "aanmaak van eiwitten") in question.pairs
    assert len(question.pairs) == 7
    assert any("no rule to score by" in finding.why for finding in course.findings)


def qti2(body: str, declarations: str, processing: str = "match_correct") -> str:
    template = f'<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/{processing}"/>'
    return (
        '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="one" title="One">'
        f"{declarations}<itemBody><p>Question.</p>{body}</itemBody>{template}</assessmentItem>"
    )


def declaration(*correct: str, cardinality: str = "single", kind: str = "identifier", name: str = "R") -> str:
    values = "".join(f"<value>{value}</value>" for value in correct)
    return (
        f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{kind}">'
        f"<correctResponse>{values}</correctResponse></responseDeclaration>"
    )


def only(course: ImportedCourse) -> Question:
    (question,) = course.questions
    return question


def test_ordering_keeps_the_right_order(tmp_path: Path):
    choices = "".join(f'<simpleChoice identifier="{name}">{name}</simpleChoice>' for name in "ABC")
    body = f'<orderInteraction responseIdentifier="R">{choices}</orderInteraction>'

    question = only(document(qti2(body, declaration("C", "A", "B", cardinality="ordered")), tmp_path))

    assert (question.kind, question.items) == ("ordering", ("C", "A", "B"))


def test_words_for_gaps_are_matched_with_numbered_gaps(tmp_path: Path):
    body = (
        '<gapMatchInteraction responseIdentifier="R"><gapText identifier="W">winter</gapText>'
        '<gapText identifier="S">summer</gapText><p>Now is the <gap identifier="G"/> of our discontent.</p>'
        "</gapMatchInteraction>"
    )
    right = declaration("W G", cardinality="multiple", kind="directedPair")

    question = only(document(qti2(body, right), tmp_path))

    assert question.prompt == "Question.\nNow is the _____ (1) of our discontent."
    assert question.pairs == (Pair("(1)", "winter"), Pair("", "summer"))


def test_several_gaps_become_several_questions(tmp_path: Path):
    gap = '<textEntryInteraction responseIdentifier="{}"/>'
    body = f"<p>{gap.format('A')} and {gap.format('B')}</p>"
    both = declaration("salt", kind="string", name="A") + declaration("4.50", kind="float", name="B")

    salt, price = document(qti2(body, both), tmp_path).questions

    assert (salt.kind, salt.accept) == ("short_text", ("salt",))
    assert (price.kind, price.answer, price.tolerance) == ("numeric", "4.5", "0")


def test_all_or_nothing_is_said_to_become_shares(tmp_path: Path):
    choices = "".join(f'<simpleChoice identifier="{name}">{name}</simpleChoice>' for name in "ABC")
    body = f'<choiceInteraction responseIdentifier="R" maxChoices="0">{choices}</choiceInteraction>'

    course = document(qti2(body, declaration("A", "B", cardinality="multiple")), tmp_path)

    assert only(course).choices == (Choice("A", True), Choice("B", True), Choice("C"))
    assert [finding.why for finding in course.findings] == [
        "only the whole answer counted; now each right choice earns a share"
    ]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("hotspotInteraction", "place in a picture"),
        ("drawingInteraction", "drawing"),
        ("uploadInteraction", "a file"),
        ("customInteraction", "never run"),
        ("unheardOfInteraction", "not known"),
    ],
)
def test_what_no_question_here_does_is_dropped_with_the_reason(kind: str, why: str, tmp_path: Path):
    (tmp_path / "kept.xml").write_text(
        qti2('<extendedTextInteraction responseIdentifier="R"/>', declaration(kind="string")), encoding="utf-8"
    )
    (tmp_path / "lost.xml").write_text(qti2(f'<{kind} responseIdentifier="R"/>', declaration("A")), encoding="utf-8")

    course = read(tmp_path)

    (finding,) = course.findings
    assert (finding.outcome, finding.kind) == (Outcome.DROPPED, kind)
    assert why in finding.why
    assert only(course).kind == "free_text"


def test_a_choice_without_a_right_answer_is_dropped_not_emptied(tmp_path: Path):
    choices = "".join(f'<simpleChoice identifier="{name}">{name}</simpleChoice>' for name in "AB")
    body = f'<choiceInteraction responseIdentifier="R" maxChoices="1">{choices}</choiceInteraction>'

    with pytest.raises(BrokenPackage, match="does not say which answer is right"):
        document(qti2(body, declaration()), tmp_path)


def test_a_rule_with_not_holds_for_the_whole_answer_only():
    rule = ElementTree.fromstring(
        "<item><respcondition><conditionvar><and><varequal respident='r'>a</varequal>"
        "<not><varequal respident='r'>b</varequal></not></and></conditionvar>"
        "<setvar action='Set'>100</setvar></respcondition></item>"
    )
    processing = Processing.of(rule)

    assert processing.tried({"r": ["a"]}) == (Fraction(100), ())
    assert processing.tried({"r": ["a", "b"]}) == (Fraction(0), ())


ENTITY_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE questestinterop [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<questestinterop><item ident='x' title='&b;'/></questestinterop>"
)


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        (ENTITY_BOMB, "entities"),
        ("<questestinterop><item>", "no XML"),
        ("<questestinterop>" + "<section>" * 5_000, "deep"),
        ("<questestinterop/>", "no document"),
        ("<assessmentItem " + "x" * 200_000, "no XML"),
    ],
)
def test_hostile_documents_are_refused_in_words(hostile: str, why: str, tmp_path: Path):
    with pytest.raises(BrokenPackage, match=why):
        document(hostile, tmp_path)


def test_an_enormous_text_is_dropped_and_the_rest_stays(tmp_path: Path):
    item = "<item ident='{0}'><presentation><material><mattext>{1}</mattext></material><response_str ident='r'>"
    item += "<render_fib/></response_str></presentation></item>"
    course = document(
        f"<questestinterop>{item.format('long', 'x' * 3_000_000)}{item.format('short', 'Why?')}</questestinterop>",
        tmp_path,
    )

    assert only(course).id == "short"
    assert [finding.outcome for finding in course.findings] == [Outcome.DROPPED]


def test_a_manifest_that_names_what_is_not_there_says_so(tmp_path: Path):
    (tmp_path / "imsmanifest.xml").write_text(
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><resources>'
        '<resource identifier="gone" type="imsqti_item_xmlv2p1" href="gone.xml"/>'
        '<resource identifier="out" type="imsqti_item_xmlv2p1" href="../../etc/passwd"/>'
        '<resource identifier="here" type="imsqti_item_xmlv2p1" href="here.xml"/></resources></manifest>',
        encoding="utf-8",
    )
    (tmp_path / "here.xml").write_text(
        qti2('<extendedTextInteraction responseIdentifier="R"/>', declaration(kind="string")), encoding="utf-8"
    )

    course = read(tmp_path)

    gone = Finding(Outcome.BROKEN, "gone", "imsqti_item_xmlv2p1", "it names gone.xml, which the package does not hold")
    assert course.findings == (gone,)
    assert [quiz.title for quiz in course.activities if isinstance(quiz, Quiz)] == [tmp_path.name]


def test_a_section_in_a_file_of_its_own_is_read_once_even_when_it_refers_to_itself(tmp_path: Path):
    essay = qti2('<extendedTextInteraction responseIdentifier="R"/>', declaration(kind="string"))
    (tmp_path / "item.xml").write_text(essay, encoding="utf-8")
    (tmp_path / "section.xml").write_text(
        '<assessmentSection identifier="s"><assessmentItemRef identifier="i" href="item.xml"/>'
        '<assessmentSectionRef identifier="again" href="section.xml"/></assessmentSection>',
        encoding="utf-8",
    )
    (tmp_path / "test.xml").write_text(
        '<assessmentTest identifier="t" title="Test"><testPart identifier="p">'
        '<assessmentSectionRef identifier="s" href="section.xml"/></testPart></assessmentTest>',
        encoding="utf-8",
    )

    course = read(tmp_path)

    (quiz,) = course.activities
    assert isinstance(quiz, Quiz)
    assert (quiz.title, len(quiz.questions)) == ("Test", 1)
    assert not course.findings


def test_an_item_of_too_many_options_is_dropped_before_it_costs_anything(tmp_path: Path):
    labels = "".join(f"<response_label ident='o{n}'/>" for n in range(20_000))
    test = "<conditionvar><varequal respident='r'>o{}</varequal></conditionvar>"
    rule = f"<respcondition>{test}<setvar>1</setvar></respcondition>"
    rules = "".join(rule.format(number) for number in range(20_000))
    item = f"<response_lid ident='r'><render_choice>{labels}</render_choice></response_lid>"
    path = tmp_path / "quiz.xml"
    path.write_text(
        f"<questestinterop><item ident='x'><presentation>{item}</presentation>{rules}</item></questestinterop>",
        encoding="utf-8",
    )

    with open_package(path) as package, pytest.raises(BrokenPackage, match="20000 options and 20000 rules"):
        QtiImporter().read(package)


def two_items(body: str, declarations: str, folder: Path) -> ImportedCourse:
    """The item, and one beside it that always comes in."""
    (folder / "kept.xml").write_text(
        qti2('<extendedTextInteraction responseIdentifier="R"/>', declaration(kind="string")), encoding="utf-8"
    )
    (folder / "other.xml").write_text(qti2(body, declarations), encoding="utf-8")
    return read(folder)


def test_an_item_whose_numbers_vary_is_dropped_since_no_rule_of_a_package_is_run(tmp_path: Path):
    body = '<p><printedVariable identifier="N"/> + 1 = <textEntryInteraction responseIdentifier="R"/></p>'
    vary = "<templateProcessing><setTemplateValue identifier='N'/></templateProcessing>"

    course = two_items(body, declaration("3", kind="integer") + vary, tmp_path)

    assert [question.kind for question in course.questions] == ["free_text"]
    assert ["numbers vary" in finding.why for finding in course.findings] == [True]


def test_a_number_keeps_the_tolerance_of_its_rule(tmp_path: Path):
    rules = (
        "<responseProcessing><responseCondition><responseIf><equal toleranceMode='absolute' tolerance='0.5 1'>"
        "<variable identifier='R'/><correct identifier='R'/></equal></responseIf></responseCondition>"
        "</responseProcessing>"
    )
    item = qti2('<p><textEntryInteraction responseIdentifier="R"/></p>', declaration("10", kind="float"))

    question = only(document(re.sub(r"<responseProcessing.*/>", rules, item), tmp_path))

    assert (question.kind, question.answer, question.tolerance) == ("numeric", "10.25", "0.75")


def test_pairs_that_counted_only_together_are_said_to_count_one_by_one(tmp_path: Path):
    def side(*names: str) -> str:
        choices = "".join(
            f'<simpleAssociableChoice identifier="{name}">{name}</simpleAssociableChoice>' for name in names
        )
        return f"<simpleMatchSet>{choices}</simpleMatchSet>"

    body = f'<matchInteraction responseIdentifier="R">{side("A", "B")}{side("X", "Y", "Z")}</matchInteraction>'
    right = declaration("A X", "B Y", cardinality="multiple", kind="directedPair")

    course = document(qti2(body, right), tmp_path)

    assert only(course).pairs == (Pair("A", "X"), Pair("B", "Y"), Pair("", "Z"))
    assert [finding.why for finding in course.findings] == [
        "only the whole answer counted; now each right pair earns a share"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "qti-instructure/items_1.2",
        "qti-instructure/test_qti_1.2.zip",
        "qti-instructure/test_qti_2.1.zip",
        "qti3-kennisnet/valid-package.zip",
        "qti3-kennisnet/no-response-processing.zip",
    ],
)
def test_real_packages_become_folders_that_packing_takes_with_every_question(
    name: str, shared_data: Path, tmp_path: Path
):
    with open_course(shared_data / name) as (course, package):
        write_folder(plan_folder(course, package), package, tmp_path / "course")

    packed = read_course(tmp_path / "course")
    there = sum(len(activity.quiz.questions) for activity in packed.activities if activity.quiz)
    assert course.form == "QTI"
    assert there == len(list(course.questions))


def test_what_is_said_to_a_choice_is_no_part_of_it(tmp_path: Path):
    said = '<feedbackInline outcomeIdentifier="F" identifier="{}" showHide="show">{}</feedbackInline>'
    choices = "".join(
        f'<simpleChoice identifier="{ident}">{text}{said.format(ident, told)}</simpleChoice>'
        for ident, text, told in (("A", "boil it", "Right!"), ("B", "filter it", "Not enough."))
    )
    body = f'<choiceInteraction responseIdentifier="R" maxChoices="1">{choices}</choiceInteraction>'

    question = only(document(qti2(body, declaration("A")), tmp_path))

    assert question.choices == (Choice("boil it", True, "Right!"), Choice("filter it", False, "Not enough."))
