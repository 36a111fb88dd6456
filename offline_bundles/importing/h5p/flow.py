"""From a tree of H5P contents to activities in reading order: texts gather into a page, questions into a quiz.

A new page begins after a quiz, and a new quiz after a page, so that what explains a question stands before it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from offline_bundles.importing.h5p.content import CONTENT_FOLDER, Content, content, mapping, mappings, text
from offline_bundles.importing.h5p.pages import PAGES, read_html
from offline_bundles.importing.h5p.questions import QUESTIONS, read_questions
from offline_bundles.importing.h5p.trail import Trail
from offline_bundles.importing.html import plain_text
from offline_bundles.importing.imported import Activity, Page, Question, Quiz, Resource, Video

LAYOUT = ("H5P.Row", "H5P.RowColumn")  # their titles tell a person nothing
FOR_THE_EYE = ("H5P.Nil", "H5P.Shape")  # labels on a video, shapes on a slide: part of a layout that is not kept
FORK = "H5P.GoToQuestion"
WEB = ("https://", "http://")
PASS_MARK = 60


@dataclass
class Flow:
    """One lesson on its way. `title`: of the lesson, and of its activities that have none of their own."""

    trail: Trail
    title: str
    activities: list[Activity] = field(default_factory=list)
    _fragments: list[str] = field(default_factory=list)
    _questions: list[Question] = field(default_factory=list)
    pass_mark: int = PASS_MARK

    def add(self, found: Content, trail: Trail) -> None:
        trail = trail if found.library in LAYOUT else trail.inside(found.title)
        if found.library in FOR_THE_EYE:
            return
        if found.library in PAGES:
            self.add_html(read_html(found, trail))
        elif found.library in QUESTIONS:
            self.add_questions(read_questions(found, trail))
        elif found.library in CONTAINERS:
            CONTAINERS[found.library](found, self, trail)
        else:
            trail.item(found.library).dropped("no kind of activity here stands for it")

    def add_all(self, found: Iterable[Content], trail: Trail) -> None:
        for each in found:
            self.add(each, trail)

    def add_html(self, fragment: str) -> None:
        if fragment.strip():
            self._end_quiz()
            self._fragments.append(fragment)

    def add_questions(self, found: list[Question]) -> None:
        if found:
            self._end_page()
            self._questions += found

    def add_file(self, make: Callable[[str], Activity], wanted: str) -> None:
        self.end()
        self.activities.append(make(self.trail.activities.new(wanted, "activity")))

    def end(self) -> None:
        self._end_page()
        self._end_quiz()

    def _end_page(self) -> None:
        if self._fragments:
            name = self.trail.activities.new("", "page")
            self.activities.append(Page(name, self.title, "\n".join(self._fragments), base=CONTENT_FOLDER))
            self._fragments = []

    def _end_quiz(self) -> None:
        if self._questions:
            name = self.trail.activities.new("", "quiz")
            quiz = Quiz(name, self.title, tuple(self._questions), pass_mark=self.pass_mark, base=CONTENT_FOLDER)
            self.activities.append(quiz)
            self._questions = []


def _column(found: Content, flow: Flow, trail: Trail) -> None:
    flow.add_all(filter(None, (content(each.get("content")) for each in found.mappings("content"))), trail)


def _row(found: Content, flow: Flow, trail: Trail) -> None:
    flow.add_all(filter(None, (content(each.get("content")) for each in found.mappings("columns"))), trail)


def _row_column(found: Content, flow: Flow, trail: Trail) -> None:
    flow.add_all(found.contents("content"), trail)


def _question_set(found: Content, flow: Flow, trail: Trail) -> None:
    flow.add_html(found.text("introPage", "introduction"))
    mark = found.params.get("passPercentage")
    flow.end()
    flow.pass_mark = mark if type(mark) is int and 0 <= mark <= 100 else PASS_MARK
    flow.add_all(found.contents("questions"), trail)
    flow.end()
    flow.pass_mark = PASS_MARK


def _presentation(found: Content, flow: Flow, trail: Trail) -> None:
    trail.item(found.library).degraded("its slides stand below one another, without their layout")
    for number, slide in enumerate(found.mappings("presentation", "slides"), 1):
        elements = sorted(mappings(slide, "elements"), key=lambda each: (_at(each, "y"), _at(each, "x")))
        flow.add_all(filter(None, (content(each.get("action")) for each in elements)), trail.inside(f"Slide {number}"))


def _at(element: Mapping[str, Any], axis: str) -> float:
    place = element.get(axis)
    return float(place) if isinstance(place, (int, float)) and not isinstance(place, bool) else 0.0


def _video(found: Content, flow: Flow, trail: Trail) -> None:
    add_video(found, mappings(found.params, "sources"), mappings(found.params, "a11y"), flow, trail)


def add_video(
    found: Content, sources: list[Mapping[str, Any]], tracks: list[Mapping[str, Any]], flow: Flow, trail: Trail
) -> None:
    """A video on the network is a link, for whoever has one."""
    place = trail.first_held(sources, found.library)
    if not place:
        address = next((path for each in sources if (path := text(each, "path")).startswith(WEB)), "")
        flow.add_html(f'<p><a href="{escape(address)}">{escape(address)}</a></p>' if address else "")
        return
    captions = {text(each, "srcLang") or "und": _track(each, found, trail) for each in tracks if mapping(each, "track")}
    title = plain_text(found.title) or flow.title
    held = {language: path for language, path in captions.items() if path}
    flow.add_file(lambda name: Video(name, title, place, held), found.id or "video")


def _track(track: Mapping[str, Any], found: Content, trail: Trail) -> str:
    return trail.place(text(track, "track", "path"), found.library)


def _interactive_video(found: Content, flow: Flow, trail: Trail) -> None:
    """The video, then what it shows and asks on the way, in its order, then what it asks at the end."""
    video = mapping(found.params, "interactiveVideo", "video")
    shown = sorted(found.mappings("interactiveVideo", "assets", "interactions"), key=_seconds)
    add_video(found, mappings(video, "files"), mappings(video, "textTracks", "videoTrack"), flow, trail)
    trail.item(found.library).degraded("what it asks within the video is asked after it")
    if found.mappings("interactiveVideo", "assets", "bookmarks"):
        trail.item(found.library).degraded("its bookmarks are left out")
    steps = [(_clock(_seconds(each)), content(each.get("action"))) for each in shown]
    for when, each in (*steps, ("end", content(found.mapping("interactiveVideo", "summary", "task")))):
        if each and each.library == FORK:
            trail.inside(when).item(FORK).dropped("a fork in a video: the video plays on")
        elif each and not _is_empty_summary(each):
            flow.add(each, trail.inside(when))


def _is_empty_summary(found: Content) -> bool:
    """Every interactive video has a summary, most of them with nothing in it."""
    return found.library == "H5P.Summary" and not any(each.get("summary") for each in found.mappings("summaries"))


def _seconds(interaction: Mapping[str, Any]) -> float:
    return _at(mapping(interaction, "duration"), "from")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _audio(found: Content, flow: Flow, trail: Trail) -> None:
    place = trail.first_held(mappings(found.params, "files"), found.library)
    title = plain_text(found.title) or flow.title
    if place:
        flow.add_file(lambda name: Resource(name, title, place), found.id or "audio")


CONTAINERS: dict[str, Callable[[Content, Flow, Trail], None]] = {
    "H5P.Column": _column,
    "H5P.Row": _row,
    "H5P.RowColumn": _row_column,
    "H5P.QuestionSet": _question_set,
    "H5P.CoursePresentation": _presentation,
    "H5P.Video": _video,
    "H5P.InteractiveVideo": _interactive_video,
    "H5P.Audio": _audio,
}
