"""Every kind of question, from the course folder to the grade: done on a phone, read by a trainer, told back."""

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from tests.browser.people import Phone, console, handed_in
from tests.offline_bundles.courses import course_folder, write_yaml
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTIONS: list[dict[str, Any]] = [
    {"id": "weight", "kind": "numeric", "prompt": "How heavy?", "answer": "2", "unit": {"kg": 1, "g": 0.001}},
    {
        "id": "steps",
        "kind": "ordering",
        "prompt": "In which order?",
        "items": [{"id": "a", "text": "Fetch"}, {"id": "b", "text": "Boil"}, {"id": "c", "text": "Cool"}],
    },
    {
        "id": "pairs",
        "kind": "matching",
        "prompt": "What belongs together?",
        "points": 2,
        "pairs": [
            {"id": "soap", "text": "Soap", "match": "Hands"},
            {"id": "lid", "text": "A lid", "match": "The pot"},
            {"match": "Shoes"},
        ],
    },
    {
        "id": "why",
        "kind": "free_text",
        "prompt": "Why do we boil it?",
        "rubric": [{"id": "germs", "text": "Says that germs die", "points": 2}],
    },
]


PICTURE: dict[str, Any] = {
    "id": "filter",
    "kind": "picture",
    "prompt": "Show your filter.",
    "rubric": [{"id": "layers", "text": "Shows three layers", "points": 1}],
}


@pytest.fixture
def course(server: RunningServer, tmp_path: Path) -> str:
    """A course with these questions to practise and, once more, to be graded."""
    folder = course_folder(tmp_path / "course", id="kinds", title="All kinds", languages=["en"])
    lesson = {"id": "one", "title": "One", "activities": [
        {"id": kind, "kind": "quiz", "title": kind.capitalize(), "source": f"quizzes/{kind}.yaml"}
        for kind in ("practice", "graded")
    ]}  # fmt: skip
    write_yaml(folder / "course.yaml", {"id": "kinds", "title": "All kinds", "languages": ["en"],
                                        "licence": "CC-BY-4.0", "lessons": [lesson]})  # fmt: skip
    write_yaml(folder / "quizzes" / "practice.yaml", {"kind": "practice", "questions": QUESTIONS})
    write_yaml(
        folder / "quizzes" / "graded.yaml", {"kind": "graded", "pass_mark": 50, "questions": [*QUESTIONS, PICTURE]}
    )
    server.command("pack", str(folder))
    server.command("publish", "kinds", "1")
    return "kinds"


def test_every_kind_is_practised_graded_read_and_told(
    server: RunningServer, playwright: Playwright, tmp_path: Path, course: str
) -> None:
    phone = Phone(playwright, tmp_path / "phone", server.url)
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", server.command("learner", "add", "Amina Yusuf", "--course", course))
    assert code
    phone.join(code[0])
    phone.page.get_by_role("button", name="Take along: All kinds").click()
    expect(phone.page.get_by_text("Kept on this phone ·")).to_be_visible()

    practise(phone)
    hand_in(phone, photograph(tmp_path / "filter.jpg"))
    phone.send()
    phone.go("course/kinds/graded")
    expect(phone.page.get_by_text("Your trainer is looking at this attempt.")).to_be_visible()

    a_trainer_reads_it(server, playwright)
    phone.go("tiffin").get_by_role("button", name="Send now").click()
    page = phone.go("course/kinds/graded")
    expect(page.get_by_role("heading", name="6.5 of 7 points")).to_be_visible()
    expect(page.get_by_text("Well explained, Amina.")).to_be_visible()

    server.stop()
    hand_in_a_picture(phone, tmp_path / "filter.jpg")
    carried_by_hand(phone, server, tmp_path)
    phone.switch_off()


def hand_in_a_picture(phone: Phone, picture: Path) -> None:
    page = phone.go("course/kinds/graded")
    page.get_by_role("button", name="Start again").click()
    for _ in QUESTIONS:
        page.get_by_role("button", name="Next question").click()
    page.get_by_label("Take a picture").set_input_files(picture)
    expect(page.get_by_role("img", name="Your picture")).to_be_visible()
    page.get_by_role("button", name="Look over your answers").click()
    page.get_by_role("button", name="Hand in").click()
    handed_in(page)


def carried_by_hand(phone: Phone, server: RunningServer, folder: Path) -> None:
    """The answers and their photograph go to the server in a file, and the phone hears of it in another."""
    page = phone.go("tiffin")
    with page.expect_download() as made:
        page.get_by_role("button", name="Make a file").click()
    carried, replies = folder / "carried.tiffin", folder / "replies.tiffin"
    made.value.save_as(carried)
    said = server.command("carry", "apply", str(carried), "--replies", str(replies))
    assert "1 photographs" in said
    page.get_by_label("Take in replies").set_input_files([replies])
    expect(page.get_by_text("2 replies were taken in").first).to_be_visible()
    expect(page.get_by_text("Everything is sent and safe")).to_be_visible()


def practise(phone: Phone) -> None:
    page = phone.go("course/kinds/practice")
    page.get_by_role("button", name="Start").click()

    page.get_by_role("textbox").fill("2000 g")
    checked(page, "Right · 1 of 1 point")
    for item in ("Fetch", "Cool", "Boil"):
        page.get_by_role("button", name=item).click()
    expect(page.get_by_role("button", name=re.compile("2.*Cool"))).to_have_attribute("aria-pressed", "true")
    checked(page, "Not right yet", "Right answer: Fetch · Boil · Cool")
    page.get_by_label("Soap").select_option(label="Hands")
    page.get_by_label("A lid").select_option(label="Shoes")
    checked(page, "Partly right · 1 of 2 points", "A lid: The pot")
    page.get_by_role("textbox").fill("Because the germs die.")
    checked(page, "Compare it with what a reader would look for", "Says that germs die", then="Finish")
    expect(page.get_by_role("heading", name="You got 2 of 4 points")).to_be_visible()


def checked(page: Page, *words: str, then: str = "Next question") -> None:
    page.get_by_role("button", name="Check").click()
    for text in words:
        expect(page.get_by_text(text)).to_be_visible()
    page.get_by_role("button", name=then).click()


def photograph(path: Path) -> Path:
    """Twelve million pixels on their side, as a phone's camera writes them."""
    pixels = Image.effect_noise((80, 60), 80).resize((4_000, 3_000), Image.Resampling.BICUBIC).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels.save(path, "JPEG", quality=90, exif=exif)
    return path


def hand_in(phone: Phone, picture: Path) -> None:
    """Everything right, as far as a machine can tell."""
    page = phone.go("course/kinds/graded")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("textbox").fill("2 kg")
    page.get_by_role("button", name="Next question").click()
    for item in ("Fetch", "Boil", "Cool"):
        page.get_by_role("button", name=item).click()
    page.get_by_role("button", name="Next question").click()
    page.get_by_label("Soap").select_option(label="Hands")
    page.get_by_label("A lid").select_option(label="The pot")
    page.get_by_role("button", name="Next question").click()
    page.get_by_role("textbox").fill("Because the germs die when it boils.")
    page.get_by_role("button", name="Next question").click()
    page.get_by_label("Take a picture").set_input_files(picture)
    expect(page.get_by_role("img", name="Your picture")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("img", name="Your picture")).to_have_count(0)
    page.get_by_label("Pick a picture").set_input_files(picture)
    expect(page.get_by_role("img", name="Your picture")).to_be_visible()
    page.get_by_role("button", name="Look over your answers").click()
    expect(page.get_by_text("Soap: Hands · A lid: The pot")).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    handed_in(page)


def a_trainer_reads_it(server: RunningServer, playwright: Playwright) -> None:
    page = console(playwright, server, "/trainer/reviews", "grace", "a trainer's words")
    expect(page.get_by_text("Because the germs die when it boils.")).to_be_visible()
    shown = page.get_by_role("img", name="The picture that she answered with")
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()  # it loads when it is looked at
    assert shown.evaluate("async (image) => (await image.decode(), [image.naturalWidth, image.naturalHeight])") == [
        960,
        1280,
    ]
    page.get_by_label(re.compile("Says that germs die")).fill("1.5")
    text = page.get_by_role("form", name=re.compile("Why do we boil it"))
    text.get_by_label("A word to the learner").fill("Well explained, Amina.")
    text.get_by_role("button", name="Give these points").click()
    expect(text).to_have_count(0)
    page.get_by_label(re.compile("Shows three layers")).fill("1")
    page.get_by_role("button", name="Give these points").click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    page.context.browser.close()  # type: ignore[union-attr]
