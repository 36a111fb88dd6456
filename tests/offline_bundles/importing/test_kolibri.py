"""Kolibri's own fixtures in every form its channels had, channels with a storage made here, and hostile databases."""

import hashlib
import json
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from offline_bundles.errors import BrokenPackage
from offline_bundles.importing.detecting import open_course
from offline_bundles.importing.folder import plan_folder
from offline_bundles.importing.imported import ImportedCourse, Outcome, Page, Quiz, Resource, Video
from offline_bundles.importing.kolibri import KolibriImporter
from offline_bundles.importing.kolibri.rows import TABLES
from offline_bundles.importing.packages import open_package
from offline_bundles.importing.reporting import full_report

FIXTURES = (
    "fixtures/1_content_data.json",
    "fixtures/2_content_data.json",
    "fixtures/3_content_data.json",
    "fixtures/4_content_data.json",
    "fixtures/5_content_data.json",
    "fixtures/content_test.json",
    "fixtures/longdescriptions_content_data.json",
    "fixtures/unversioned_content_data.json",
    "fixtures/v0.2.0-beta1_content_data.json",
    "fixtures/v0.4.0-beta3_content_data.json",
    "contentschema-fixtures/content_import_test.json",
)
ENDINGS = {"video": ("mp4",), "audio": ("mp3",), "document": ("pdf",), "exercise": ("perseus",)}
Rows = Sequence[Mapping[str, Any]]


def imported(path: Path) -> ImportedCourse:
    with open_package(path) as package:
        assert KolibriImporter().recognises(package)
        return KolibriImporter().read(package)


def found(course: ImportedCourse, outcome: Outcome) -> Counter[str]:
    return Counter(each.kind for each in course.findings if each.outcome is outcome)


def nodes_and_files(path: Path) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """From either of the two JSON forms: nodes as dicts, and files as (node, ending)."""
    written = json.loads(path.read_text("utf-8"))
    if isinstance(written, dict):
        endings = {row["id"]: row["extension"] for row in written.get("content_localfile", [])}
        files = [
            (row["contentnode_id"], row.get("extension") or endings[row["local_file_id"]])
            for row in written["content_file"]
            if not row["thumbnail"]
        ]
        return written["content_contentnode"], files
    of = {model: [row for row in written if row["model"] == f"content.{model}"] for model in ("contentnode", "file")}
    endings = {row["pk"]: row["fields"]["extension"] for row in written if row["model"] == "content.localfile"}
    files = [
        (row["fields"]["contentnode"], endings[row["fields"]["local_file"]])
        for row in of["file"]
        if not row["fields"]["thumbnail"]
    ]
    return [row["fields"] | {"id": row["pk"]} for row in of["contentnode"]], files


@pytest.mark.parametrize("name", FIXTURES)
def test_a_channel_without_its_storage_names_every_file_that_is_missing(shared_data: Path, name: str) -> None:
    path = shared_data / "kolibri-fixtures" / name
    nodes, files = nodes_and_files(path)
    course = imported(path)

    expected: Counter[str] = Counter({"channel": 1})
    for node in nodes:
        if node["kind"] in ENDINGS:
            own = [ending for owner, ending in files if owner == node["id"] and ending in ENDINGS[node["kind"]]]
            expected[node["kind"]] += max(1, len(own))  # a node without any such file is a finding too
    assert course.lessons == ()
    assert found(course, Outcome.BROKEN) == expected
    assert course.findings[0].why.startswith("its storage is not here: give the folder")
    assert course.title == "testing"


def test_a_channel_that_is_only_a_name_is_no_course(shared_data: Path) -> None:
    with pytest.raises(BrokenPackage, match="The channel testing has no content"):
        imported(shared_data / "kolibri-fixtures" / "fixtures" / "channel_test.json")


def test_a_folder_of_several_channels_asks_for_one(shared_data: Path) -> None:
    with pytest.raises(BrokenPackage, match="holds 11 channels"):
        imported(shared_data / "kolibri-fixtures" / "fixtures")


def test_one_of_a_drives_channels_is_named_by_its_database_and_finds_its_own_files(tmp_path: Path) -> None:
    channel(tmp_path, [node("guide", "document", 1)], {"guide": ("pdf", b"%PDF-1.4 water")})
    databases = tmp_path / "content" / "databases"
    ours, other = databases / f"{'c' * 32}.sqlite3", databases / f"{'d' * 32}.sqlite3"
    database(other, {"content_channelmetadata": [{"id": "d" * 32, "name": "Other", "root_id": "root"}]})
    stranger = tmp_path / "content" / "storage" / "f" / "f" / f"{'f' * 32}.pdf"
    stranger.parent.mkdir(parents=True, exist_ok=True)
    stranger.write_bytes(b"%PDF-1.4 another channel's")

    with pytest.raises(
        BrokenPackage, match=r"holds 2 channels: Made \(databases/c+\.sqlite3\), Other \(.*Name the dat"
    ):
        imported(tmp_path / "content")
    with open_course(ours) as (course, package):
        (guide,) = course.activities
        assert isinstance(guide, Resource) and package.read(guide.source, 100) == b"%PDF-1.4 water"
        assert len(package.names()) == 2, "what other channels have in the storage is not looked at"


def test_loose_items_and_media_come_in_and_every_other_file_is_named(shared_data: Path) -> None:
    folder = shared_data / "ricecooker-samples"
    course = imported(folder)
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    items = [name for name in files if Path(name).name.startswith("perseus_question")]

    films = {each.source for each in course.activities if isinstance(each, Video)}
    sounds = {each.source for each in course.activities if isinstance(each, Resource)}
    assert films == {name for name in files if name.endswith((".mp4", ".webm", ".mov", ".ogv"))}
    assert sounds == {name for name in files if name.endswith(".mp3")}
    assert found(course, Outcome.DROPPED)["perseus_question"] == len(items) == 4
    assert found(course, Outcome.DROPPED)["file"] == len(files) - len(items) - len(films) - len(sounds)


def database(path: Path, tables: Mapping[str, Rows]) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for table, rows in tables.items():
            columns = list(dict.fromkeys(name for row in rows for name in row))
            if not columns:
                continue
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            marks = ", ".join("?" * len(columns))
            values = [[row.get(column) for column in columns] for row in rows]
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 (the test's own)
        connection.commit()
    return path


def channel(folder: Path, nodes: Rows, files: Mapping[str, tuple[str, bytes]] | None = None) -> Path:
    """A channel as Kolibri exports it. `files`: by node, their ending and their bytes."""
    stored = {
        node: (hashlib.md5(raw, usedforsecurity=False).hexdigest(), *(files or {})[node])
        for node, (_, raw) in (files or {}).items()
    }
    for digest, ending, raw in stored.values():
        place = folder / "content" / "storage" / digest[0] / digest[1] / f"{digest}.{ending}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(raw)
    (folder / "content" / "databases").mkdir(parents=True, exist_ok=True)
    database(
        folder / "content" / "databases" / f"{'c' * 32}.sqlite3",
        {
            "content_channelmetadata": [{"id": "c" * 32, "name": "Made", "description": "", "root_id": "root"}],
            "content_contentnode": [
                {"id": "root", "kind": "topic", "title": "Made", "parent_id": None, "lft": 1},
                *nodes,
            ],
            "content_localfile": [{"id": digest, "extension": ending} for digest, ending, _ in stored.values()],
            "content_file": [
                {
                    "id": f"f{n}",
                    "contentnode_id": node.split("/")[0],
                    "local_file_id": digest,
                    "lang_id": "ar",
                    "thumbnail": 0,
                }
                for n, (node, (digest, _, _)) in enumerate(stored.items())
            ],
            "content_language": [{"id": "ar", "lang_code": "ar"}],
        },
    )
    return folder


def node(name: str, kind: str, lft: int, parent: str = "root", **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "title": name.title(), "parent_id": parent, "lft": lft, "lang_id": "ar", **more}


def perseus(*items: Mapping[str, Any], folder: Path) -> bytes:
    path = folder / "made.perseus"
    with zipfile.ZipFile(path, "w") as archive:
        listed = [f"item{number}" for number in reversed(range(len(items)))]
        archive.writestr("exercise.json", json.dumps({"all_assessment_items": listed}))
        for number, item in enumerate(items):
            archive.writestr(f"item{number}.json", json.dumps(item))
    return path.read_bytes()


def item(widget: str, options: Mapping[str, Any], text: str = "Which **one**?") -> dict[str, Any]:
    name = f"{widget} 1"
    return {"question": {"content": f"{text}\n\n[[☃ {name}]]", "widgets": {name: {"type": widget, "options": options}}}}


def test_a_channel_with_its_storage_becomes_lessons_in_its_order(tmp_path: Path, shared_data: Path) -> None:
    samples = shared_data / "ricecooker-samples" / "samples"
    radio = item("radio", {"choices": [{"content": "$1$", "correct": True}, {"content": "$2$"}]})
    nodes = [
        node("water", "topic", 10),
        node("exam", "exercise", 12, "water"),
        node("film", "video", 11, "water"),
        node("song", "audio", 2),
        node("guide", "document", 3, coach_content=1),
        node("game", "html5", 4),
    ]
    files = {
        "film": ("mp4", (samples / "low_res_sample.mp4").read_bytes()),
        "film/subtitles": ("vtt", (samples / "subtitles" / "basic.vtt").read_bytes()),
        "song": ("mp3", (samples / "sample_audio.mp3").read_bytes()),
        "exam": ("perseus", perseus(radio, folder=tmp_path)),
        "game": ("zip", b"PK"),
    }
    with open_course(channel(tmp_path / "made", nodes, files)) as (course, package):
        shapes = [(lesson.title, [type(each) for each in lesson.activities]) for lesson in course.lessons]
        (film,) = [each for each in course.activities if isinstance(each, Video)]
        plan = plan_folder(course, package)

    assert shapes == [("Made", [Resource]), ("Water", [Video, Quiz])]
    assert film.source.endswith(".mp4")
    assert list(film.captions) == ["ar"]
    assert course.language == "ar"
    assert found(course, Outcome.DROPPED) == {"document": 1}
    digest = hashlib.md5(b"PK", usedforsecurity=False).hexdigest()
    assert found(course, Outcome.APART) == {"html5": 1}
    assert [path for path in plan.copies if path.startswith("active/")] == [f"active/{digest}.zip"]
    assert "active/" not in str(plan.values), "packing is not told of it"
    assert "(active/" in full_report(course, plan)
    assert len(plan.copies) == 4


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (item("radio", {"choices": [{"content": "a", "correct": True}, {"content": "b"}]}), "single_choice"),
        (
            item("radio", {"multipleSelect": True, "choices": [{"content": "a", "correct": True}, {"content": "b"}]}),
            "multiple_choice",
        ),
        (item("numeric-input", {"answers": [{"value": 2.5, "status": "correct", "maxError": 0.1}]}), "numeric"),
        (item("input-number", {"value": "7", "inexact": False}), "numeric"),
        ({"id": "x", "itemData": json.dumps(item("input-number", {"value": -3}))}, "numeric"),
    ],
)
def test_items_with_one_choice_or_number_are_questions(tmp_path: Path, asked: dict[str, Any], kind: str) -> None:
    raw = perseus(asked, folder=tmp_path)
    course = imported(channel(tmp_path / "made", [node("exam", "exercise", 2)], {"exam": ("perseus", raw)}))

    (question,) = course.questions
    assert question.kind == kind
    assert question.prompt == "Which one?"


def test_items_stand_in_the_order_of_their_exercise(tmp_path: Path) -> None:
    raw = perseus(item("input-number", {"value": 1}), item("input-number", {"value": 2}), folder=tmp_path)
    course = imported(channel(tmp_path / "made", [node("exam", "exercise", 2)], {"exam": ("perseus", raw)}))

    assert [each.answer for each in course.questions] == ["2", "1"]


@pytest.mark.parametrize(
    "asked",
    [
        item("grapher", {}),
        item("radio", {"choices": []}),
        item("radio", {"choices": [{"content": "a"}, {"content": "b"}]}),
        item("radio", {"choices": [{"content": "![](x.png)", "correct": True}, {"content": "b"}]}),
        item("numeric-input", {"answers": [{"value": 1e308, "status": "correct"}]}),
        item("numeric-input", {"answers": [{"value": None, "status": "correct"}]}),
        item("input-number", {"value": True}),
        item("input-number", {"value": 3}, "How many? ![](web+graphie://example.org/a)"),
        {"question": {"content": "Nothing to fill in", "widgets": {}}},
        {"question": "none"},
        {"itemData": "{"},
        {},
    ],
)
def test_items_that_cannot_be_asked_are_named_and_never_empty(tmp_path: Path, asked: dict[str, Any]) -> None:
    raw = perseus(asked, folder=tmp_path)
    course = imported(channel(tmp_path / "made", [node("exam", "exercise", 2)], {"exam": ("perseus", raw)}))

    lost = [each for each in course.findings if each.where == "Exam / item0"]
    assert list(course.questions) == []
    assert len(lost) == 1
    assert lost[0].outcome is not Outcome.DEGRADED


def test_an_archive_of_items_that_is_none_is_broken(tmp_path: Path) -> None:
    course = imported(channel(tmp_path / "made", [node("exam", "exercise", 2)], {"exam": ("perseus", b"PK\x03\x04")}))

    assert found(course, Outcome.BROKEN)["exercise"] > 0


def test_a_ricecooker_tree_brings_its_questions_and_files(tmp_path: Path, shared_data: Path) -> None:
    def ask_of(kind: str, text: str, **more: Any) -> dict[str, Any]:
        return {"question_type": kind, "question": text} | more

    ask = [
        ask_of("single_selection", "<b>Two</b>?", id="s1", correct_answer="2", all_answers=["1", "2"]),
        ask_of("multiple_selection", "Odd?", correct_answers=["1", "3"], all_answers=["1", "2", "3"]),
        ask_of("input_question", "Word?", answers=["water", "l'eau"], hints=["wet"]),
        ask_of("perseus_question", "", item_data=json.dumps(item("input-number", {"value": 4}))),
        ask_of("free_response", "Why?"),
        ask_of("single_selection", "", correct_answer="2", all_answers=["1", "2"]),
    ]
    sample = (shared_data / "ricecooker-samples" / "samples" / "low_res_sample.mp4").read_bytes()
    (tmp_path / "film.mp4").write_bytes(sample)
    film = {
        "kind": "video",
        "title": "Film",
        "files": [{"file_type": "video", "path": "film.mp4"}, {"file_type": "video", "path": "gone/x.mp4"}],
    }
    topic = {
        "kind": "topic",
        "title": "Water",
        "children": [film, {"kind": "exercise", "title": "Ask", "questions": ask}],
    }
    tree = {"source_domain": "example.org", "source_id": "a", "title": "Tree", "language": "fr", "children": [topic]}
    (tmp_path / "ricecooker_json_tree.json").write_text(json.dumps(tree), "utf-8")

    course = imported(tmp_path)

    assert [each.kind for each in course.questions] == ["single_choice", "multiple_choice", "short_text", "numeric"]
    assert [each.source for each in course.activities if isinstance(each, Video)] == ["film.mp4"]
    assert course.language == "fr"
    assert found(course, Outcome.DROPPED) == {"free_response": 1, "single_selection": 1}


def test_slides_become_a_page_of_pictures(tmp_path: Path, shared_data: Path) -> None:
    raw = (shared_data / "ricecooker-samples" / "samples" / "thumbnail.png").read_bytes()
    course = imported(channel(tmp_path, [node("show", "slideshow", 2)], {"show": ("png", raw)}))

    (page,) = course.activities
    assert isinstance(page, Page)
    assert len(re.findall("<img", page.body)) == 1


def test_a_ring_of_topics_ends_and_what_hangs_in_no_topic_is_named(tmp_path: Path) -> None:
    nodes = [node("a", "topic", 2, "b"), node("b", "topic", 3, "a"), node("itself", "topic", 4, "itself")]

    course = imported(channel(tmp_path, nodes))

    assert found(course, Outcome.BROKEN)["topic"] == 2  # one for the ring, as a whole


def test_topics_without_end_are_an_error(tmp_path: Path) -> None:
    nodes = [node(f"t{n}", "topic", n, f"t{n - 1}" if n else "root") for n in range(5_000)]

    with pytest.raises(BrokenPackage, match="nest more than 50 deep"):
        imported(channel(tmp_path, nodes))


def with_schema(folder: Path, *statements: str) -> Path:
    path = folder / f"{'d' * 32}.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE content_channelmetadata (id, name, root_id)")
        connection.execute("INSERT INTO content_channelmetadata VALUES ('d', 'Bad', 'root')")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'topic' AS kind FROM n"


NODES = "CREATE TABLE content_contentnode (id, kind, title)"
HUGE_TITLE = "INSERT INTO content_contentnode VALUES ('root', 'topic', zeroblob(5000000))"


@pytest.mark.parametrize(
    "statements",
    [
        [f"CREATE VIEW content_contentnode AS {ENDLESS}"],
        ["CREATE VIEW content_contentnode AS SELECT hex(randomblob(100000000)) AS id, 'topic' AS kind"],
        ["CREATE VIRTUAL TABLE content_contentnode USING fts5(id, kind)"],
        [NODES, HUGE_TITLE],
        ["CREATE TABLE content_contentnode (x)"],
        [],
    ],
    ids=["endless-view", "huge-view", "virtual", "huge-value", "other-columns", "no-table"],
)
def test_a_hostile_schema_is_an_error(tmp_path: Path, statements: list[str]) -> None:
    with pytest.raises(BrokenPackage):
        imported(with_schema(tmp_path, *statements))


def test_a_column_that_is_computed_is_never_read(tmp_path: Path) -> None:
    path = with_schema(
        tmp_path,
        "CREATE TABLE content_contentnode (id, kind, size, title AS (hex(zeroblob(size))))",
        "INSERT INTO content_contentnode VALUES ('root', 'topic', 20000000)",
    )

    assert imported(path).title == "Bad"


def test_a_damaged_database_is_an_error(tmp_path: Path) -> None:
    whole = channel(tmp_path, [node(f"n{n}", "video", n) for n in range(500)])
    (path,) = whole.rglob("*.sqlite3")
    raw = path.read_bytes()
    path.write_bytes(raw[:8192] + b"\xff" * (len(raw) - 8192))

    with pytest.raises(BrokenPackage, match="is no database that can be read"):
        imported(whole)


def test_a_database_of_something_else_beside_a_course_is_no_channel(tmp_path: Path) -> None:
    database(tmp_path / "sensors.db", {"readings": [{"id": 1}]})
    (tmp_path / "README.md").write_text("# Sensors", "utf-8")

    with open_package(tmp_path) as package:
        assert not KolibriImporter().recognises(package)


def test_captions_beside_a_film_of_their_name_come_along(tmp_path: Path) -> None:
    for name in ("talk.mp4", "talk_fr.vtt", "talk.srt", "other.srt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "item.json").write_text(json.dumps(item("input-number", {"value": 1}) | {"answerArea": {}}), "utf-8")

    (film,) = [each for each in imported(tmp_path).activities if isinstance(each, Video)]

    assert film.captions == {"fr": "talk_fr.vtt", "und": "talk.srt"}


def test_text_that_is_no_utf8_is_read_with_marks(tmp_path: Path) -> None:
    path = with_schema(
        tmp_path,
        "CREATE TABLE content_contentnode (id, kind, title)",
        "INSERT INTO content_contentnode VALUES ('root', 'topic', CAST(x'ff41' AS TEXT))",
    )

    assert imported(path).title == "Bad"


@pytest.mark.parametrize(
    "text",
    [
        '{"content_channelmetadata": ',
        '{"content_channelmetadata": 5}',
        '{"content_contentnode": [1, 2]}',
        '{"source_domain": "x"}',
    ],
)
def test_json_that_holds_no_channel_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "channel.json").write_text(text, "utf-8")

    with pytest.raises(BrokenPackage):
        imported(tmp_path)


def test_the_tables_of_a_fixture_give_the_same_course_from_a_database(tmp_path: Path, shared_data: Path) -> None:
    path = shared_data / "kolibri-fixtures" / "fixtures" / "5_content_data.json"
    written = json.loads(path.read_text("utf-8"))

    from_database = imported(database(tmp_path / "a.sqlite3", {table: written.get(table, []) for table in TABLES}))

    assert from_database == imported(path)


def test_a_channel_is_told_from_other_packages_by_what_is_in_it(shared_data: Path) -> None:
    with open_course(shared_data / "ricecooker-samples") as (course, _):
        assert course.form == "Kolibri channel"
