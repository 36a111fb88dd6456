"""What Canvas puts beside the standard: how its quizzes are taken, what its modules hold, what has captions.

Source: what `canvas_export` writes, schema "cccv1p0"; nothing here is needed to read a cartridge of another system.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from offline_bundles.course.fields import LANGUAGE
from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.ports import Package
from offline_bundles.importing.qti.documents import attribute, child, text_of, within
from offline_bundles.importing.qti.quizzes import ReadQuiz, attempts_of
from offline_bundles.importing.questions import Item
from offline_bundles.importing.xml import read_xml

SETTINGS = "course_settings"
META_BYTES_MAX = 8 << 20  # of thousands of modules
POLICIES = {"keep_highest": "best", "keep_latest": "last", "keep_average": "best"}
# Files of settings whose entries a learner or a teacher would miss, and what an entry is.
LOST = {
    "rubrics.xml": ("rubric", "how work is to be marked"),
    "learning_outcomes.xml": ("learningOutcome", "what is to be learnt"),
    "events.xml": ("event", "a date in the calendar"),
    "external_feeds.xml": ("externalFeed", "news from another site"),
}


@dataclass(frozen=True, slots=True)
class Canvas:
    """`kinds`: what Canvas calls an item of a module, by the item's ident; `hidden`: items that were not published.

    `captions`: files by language, by the ident of the video's resource.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    captions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_canvas(package: Package, root: str, resources: Mapping[str, str]) -> Canvas:
    """`resources`: files by the ident of their resource. Settings that cannot be read tell nothing."""
    modules = settings_of(package, posixpath.join(root, SETTINGS, "module_meta.xml"))
    items = [] if modules is None else list(within(modules, "item"))
    tracks = settings_of(package, posixpath.join(root, SETTINGS, "media_tracks.xml"))
    return Canvas(
        kinds={attribute(item, "identifier"): text_of(child(item, "content_type")) for item in items},
        hidden=frozenset(
            attribute(item, "identifier") for item in items if text_of(child(item, "workflow_state")) == "unpublished"
        ),
        captions={} if tracks is None else _captions(tracks, resources),
    )


def settings_of(package: Package, path: str) -> Element | None:
    if not package.has(path):
        return None
    try:
        return read_xml(package.read(path, META_BYTES_MAX), META_BYTES_MAX)
    except BrokenPackage:
        return None


def _captions(tracks: Element, resources: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for media in within(tracks, "media"):
        for track in within(media, "track"):
            language, file = attribute(track, "locale"), resources.get(attribute(track, "identifierref"), "")
            if file and LANGUAGE.fullmatch(language):
                found.setdefault(attribute(media, "identifierref"), {})[language] = file
    return found


def taken_as(item: Item, quiz: ReadQuiz, meta: Element) -> ReadQuiz:
    """The quiz with what `assessment_meta.xml` says of it."""
    kind, policy = text_of(child(meta, "quiz_type")), text_of(child(meta, "scoring_policy"))
    if policy == "keep_average":
        item.degraded("the average of all attempts counted; now the best one does")
    minutes = text_of(child(meta, "time_limit"))
    if minutes:
        item.degraded(f"its time limit of {minutes} minutes is not kept")
    if kind in ("survey", "graded_survey"):
        item.degraded("a survey; it is a practice quiz")
    return replace(
        quiz,
        title=text_of(child(meta, "title")) or quiz.title,
        graded=kind == "assignment",
        attempts=attempts_of(text_of(child(meta, "allowed_attempts"))),
        policy=POLICIES.get(policy, "best"),
    )


def tell_of_settings(package: Package, root: str, found: Item) -> None:
    """Counts what Canvas keeps in its settings and no course here has."""
    for file, (tag, what) in LOST.items():
        settings = settings_of(package, posixpath.join(root, SETTINGS, file))
        entries = 0 if settings is None else sum(1 for each in within(settings, tag) if each is not settings)
        if entries:
            Item(f"{SETTINGS}/{file}", tag, found.findings).dropped(f"{entries} times {what}")
