"""What a question says, from HTML of strangers to plain text and one picture; what is lost is said."""

import pytest

from offline_bundles.importing.imported import Finding
from offline_bundles.importing.prompts import Prompt, read_prompt, read_text
from offline_bundles.importing.questions import Item

PLACES = {"a.png": "media/a.png", "b.png": "media/b.png"}


def item() -> Item:
    return Item("Quiz, 1", "question", list[Finding]())


def reasons(told: Item) -> list[str]:
    return [finding.why for finding in told.findings]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two</p>", "One\ntwo"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<script>alert(1)</script>Safe", "Safe"),
        ('Half of <img class="equation_image" data-equation-content="x^2" src="/e"> is', "Half of $x^2$ is"),
        ("<math><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac></math>", "a/(b + 1)"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup></math> and <math><msqrt><mn>2</mn></msqrt></math>", "x^2 and √(2)"),
        ('<math><mi>β</mi><annotation encoding="application/x-tex">\\beta</annotation></math>', "$\\beta$"),
    ],
)
def test_html_becomes_text_that_a_person_can_read(html: str, text: str):
    told = item()

    assert read_prompt(told, html).text == text
    assert not told.findings


def test_the_first_picture_stays_and_the_others_are_told():
    told = item()

    prompt = read_prompt(told, '<img src="a.png" alt="A"> <img src="b.png">', PLACES.get)

    assert prompt == Prompt("", "media/a.png", "A")
    assert reasons(told) == ["it shows 2 pictures; only the first picture, if any, stays"]


def test_what_a_question_cannot_show_is_kept_whole_where_there_is_a_page_for_it():
    told, kept = item(), list[str]()

    read_prompt(told, '<audio src="a.mp3"></audio>Listen.', PLACES.get, whole=lambda: kept.append("page"))

    assert kept == ["page"]
    assert reasons(told) == ["it shows sound; all of it is on a page before the quiz"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://example.org/a.png", "its picture is not in the package but at https://example.org/a.png"),
        ("data:image/png;base64,AAAA", "its picture is not in the package but at data:image/png;base64,AAAA"),
        ("gone.png", "its picture gone.png is not in the package"),
    ],
)
def test_a_picture_that_is_not_there_is_told(address: str, why: str):
    told = item()

    assert read_prompt(told, f'Look: <img src="{address}">', PLACES.get).picture == ""
    assert reasons(told) == [why]


def test_a_picture_in_an_answer_is_replaced_by_its_description():
    told = item()

    assert read_text(told, '<img src="a.png" alt="A red square">') == "A red square"
    assert reasons(told) == ["a picture in an answer is replaced by its description"]


def test_a_formula_that_is_no_xml_is_told():
    told = item()

    assert read_prompt(told, "Solve <math><mi>x</math>.").text == "Solve ."
    assert reasons(told) == ["it shows a formula that cannot be read; only the first picture, if any, stays"]


def test_a_million_unclosed_formulas_cost_no_more_than_their_length():
    assert read_prompt(item(), "<math>" * 200_000).text == ""
