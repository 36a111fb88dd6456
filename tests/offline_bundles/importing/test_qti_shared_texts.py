"""Texts that items of QTI 3 share lie in files of their own; a question without its text cannot be answered."""

from pathlib import Path

from offline_bundles.importing.imported import Outcome, Page, Quiz
from tests.offline_bundles.importing.test_qti import read

QTI3 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"


def about(stimulus: str) -> str:
    """An item of QTI 3 that is about a text in a file of its own, its names behind a prefix."""
    return (
        f'<q:qti-assessment-item xmlns:q="{QTI3}" identifier="i" title="I"><q:qti-response-declaration identifier="R" '
        'cardinality="single" base-type="identifier"><q:qti-correct-response><q:qti-value>A</q:qti-value>'
        "</q:qti-correct-response></q:qti-response-declaration>"
        f'<q:qti-assessment-stimulus-ref identifier="s" href="{stimulus}"/><q:qti-item-body><q:qti-choice-interaction '
        'response-identifier="R"><q:qti-prompt>Who came?</q:qti-prompt><q:qti-simple-choice identifier="A">Asha'
        '</q:qti-simple-choice><q:qti-simple-choice identifier="B">Juma</q:qti-simple-choice>'
        "</q:qti-choice-interaction></q:qti-item-body></q:qti-assessment-item>"
    )


def test_a_text_that_items_share_is_a_page_before_the_quiz_once(tmp_path: Path):
    paths = {"a": "items/a.xml", "b": "items/b.xml", "c": "items/c.xml", "s": "s.xml", "t": "t.xml"}
    kinds = {"s": "stimulus", "t": "stimulus"}
    resources = "".join(
        f'<resource identifier="{name}" type="imsqti_{kinds.get(name, "item")}_xmlv3p0" href="{path}"/>'
        for name, path in paths.items()
    )
    (tmp_path / "items").mkdir()
    (tmp_path / "imsmanifest.xml").write_text(
        f'<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"><resources>{resources}</resources></manifest>'
    )
    for name, stimulus in (("a", "../s.xml"), ("b", "../s.xml"), ("c", "../gone.xml")):
        (tmp_path / f"items/{name}.xml").write_text(about(stimulus))
    for name in ("s", "t"):
        text = "<qti-stimulus-body><p>Asha came by the river.</p></qti-stimulus-body>"
        stimulus = f'<qti-assessment-stimulus xmlns="{QTI3}" title="Story">{text}</qti-assessment-stimulus>'
        (tmp_path / f"{name}.xml").write_text(stimulus)

    course = read(tmp_path)

    page, quiz = course.activities
    assert isinstance(page, Page) and (page.title, page.body) == ("Story", "<p>Asha came by the river.</p>")
    assert isinstance(quiz, Quiz) and [question.prompt for question in quiz.questions] == ["Who came?"] * 3
    assert [(each.outcome, each.why) for each in course.findings if each.kind == "assessmentStimulus"] == [
        (Outcome.DEGRADED, "the text that it is about is a page before the quiz"),
        (Outcome.DEGRADED, "the text that it is about is a page before the quiz"),
        (Outcome.BROKEN, "the text that it is about, ../gone.xml, is not in the package"),
        (Outcome.DROPPED, "no question is about this text"),
    ]
