"""Cards that lie get a clear error, and cost no more than a look at their directory."""

import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from offline_bundles import FolderStore
from offline_bundles.canonical import write_canonical
from offline_bundles.card import open_card
from offline_bundles.card.index import Index
from offline_bundles.card.layout import INDEX_NAME, End, Entry, object_name
from offline_bundles.errors import BrokenCard, BundleError
from tests.offline_bundles.card.cards import card_of

INDEX = Index((), 1, 1).raw()
CONTENTS = [bytes([number]) * 1_000 for number in range(5)]
MEMORY_BYTES_MAX = 4 << 20


def zipped(path: Path, *files: tuple[str, bytes], compression: int = zipfile.ZIP_STORED, comment: bytes = b"") -> Path:
    """A ZIP as any other program writes it, its first file an index."""
    with zipfile.ZipFile(path, "w", compression) as out:
        out.comment = comment
        for name, content in ((INDEX_NAME, INDEX), *files):
            out.writestr(zipfile.ZipInfo(name), content, compression)
    return path


def laid_out(path: Path, entries: list[Entry], directory: list[Entry] | None = None) -> Path:
    """A card whose files stand at `entries`, and whose directory says `directory`."""
    raw = bytearray()
    for entry in entries:
        raw[entry.offset : entry.end] = entry.local() + bytes(entry.size)
    raw[entries[0].start : entries[0].end] = INDEX
    central = b"".join(entry.central() for entry in directory or entries)
    path.write_bytes(raw + central + End(len(directory or entries), len(central), len(raw)).raw())
    return path


def three_files() -> list[Entry]:
    index = Entry(INDEX_NAME, len(INDEX), 0, 0)
    first = Entry(object_name("aa" * 32), 500, 0, index.end)
    return [index, first, Entry(object_name("bb" * 32), 500, 0, first.end)]


def test_what_the_hostile_cards_are_made_from_is_itself_a_card(tmp_path: Path) -> None:
    assert list(open_card([laid_out(tmp_path / "card.zip", three_files())]).digests()) == ["aa" * 32, "bb" * 32]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "objects/aa/../../x", "objects\\aa", "objects/aa/" + "bb" * 32, "a\0b"]
)
def test_a_file_that_is_no_object_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    index, first, _ = three_files()
    with pytest.raises(BrokenCard, match="which is no object"):
        open_card([laid_out(tmp_path / "card.zip", [index, replace(first, name=name)])])


def test_a_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "card.zip", (object_name("aa" * 32), bytes(50 << 20)), compression=zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with pytest.raises(BrokenCard, match="not stored as a card stores it"):
        open_card([bomb])
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < MEMORY_BYTES_MAX


LIES: dict[str, Callable[[list[Entry]], list[Entry]]] = {
    "two names for the same bytes": lambda e: [*e[:2], replace(e[2], offset=e[1].offset)],
    "entries that overlap": lambda e: [*e[:2], replace(e[2], offset=e[2].offset - 100)],
    "a gap": lambda e: [*e[:1], e[2]],
    "a size that reaches over the next": lambda e: [e[0], replace(e[1], size=900), e[2]],
    "a size beyond the file": lambda e: [*e[:2], replace(e[2], size=4_000_000_000)],
    "another order": lambda e: [e[0], e[2], e[1]],
    "the index twice": lambda e: [e[0], replace(e[1], name=INDEX_NAME), e[2]],
}


@pytest.mark.parametrize("lie", LIES)
def test_a_directory_that_says_what_cannot_be_is_refused(tmp_path: Path, lie: str) -> None:
    entries = three_files()
    with pytest.raises(BrokenCard):
        open_card([laid_out(tmp_path / "card.zip", entries, LIES[lie](entries))])


def test_an_object_that_stands_twice_is_refused(tmp_path: Path) -> None:
    index, first, _ = three_files()
    with pytest.raises(BrokenCard, match="twice"):
        open_card([laid_out(tmp_path / "card.zip", [index, first, replace(first, offset=first.end)])])


def test_an_object_whose_own_header_says_other_things_is_not_given(tmp_path: Path) -> None:
    index, first, second = three_files()
    swapped = [index, replace(first, name=second.name), replace(second, name=first.name)]
    card = open_card([laid_out(tmp_path / "card.zip", [index, first, second], swapped)])
    with pytest.raises(BrokenCard, match="not where the card's directory says"):
        card.read("aa" * 32)


def test_a_directory_shorter_than_its_count_is_refused(tmp_path: Path) -> None:
    path = laid_out(tmp_path / "card.zip", three_files())
    raw = bytearray(path.read_bytes())
    raw[-14:-10] = b"\xff\xf0\xff\xf0"
    path.write_bytes(raw)
    with pytest.raises(BrokenCard):
        open_card([path])


def test_the_end_of_a_zip_inside_an_object_is_not_taken_for_the_cards(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", ("a", b"b")).read_bytes()
    path = card_of(tmp_path, b"first", inner).files[0].path
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.index(inner) + len(inner)])
    card = open_card([path])
    assert card.files[0].is_cut
    assert set(card.digests()) == {sha256(b"first").hexdigest(), sha256(inner).hexdigest()}


def test_what_was_added_at_the_end_hides_nothing(tmp_path: Path) -> None:
    path = card_of(tmp_path, *CONTENTS).files[0].path
    path.write_bytes(path.read_bytes() + bytes(4_096))
    assert len(list(open_card([path]).digests())) == len(CONTENTS)


@pytest.mark.parametrize("raw", [b"", b"PK", bytes(22), bytes(10_000), b"\xff" * 100])
def test_a_file_that_is_no_zip_is_no_card(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "card.zip").write_bytes(raw)
    with pytest.raises(BrokenCard, match="is no card"):
        open_card([tmp_path / "card.zip"])


BROKEN_INDEXES = [
    {"format": "tiffin-card-2", "part": 1, "parts": 1, "keys": [], "releases": []},
    {"format": "tiffin-card-1", "part": 0, "parts": 1, "keys": [], "releases": []},
    {"format": "tiffin-card-1", "part": 1, "parts": 10**9, "keys": [], "releases": []},
    {"format": "tiffin-card-1", "part": 1, "parts": 1, "keys": [], "releases": "none"},
    {"format": "tiffin-card-1", "part": 1, "parts": 1, "keys": [], "releases": [7]},
    {"format": "tiffin-card-1", "part": 1, "parts": 1, "keys": [], "releases": [{"course": "../..", "number": 1}]},
    {"format": "tiffin-card-1", "part": 1, "parts": 1, "keys": [{"generation": 1}], "releases": []},
    {"format": "tiffin-card-1", "part": 1, "parts": 1, "keys": "none", "releases": []},
    {"format": "tiffin-card-1"},
]


@pytest.mark.parametrize("index", BROKEN_INDEXES)
def test_an_index_of_another_shape_is_refused(tmp_path: Path, index: dict[str, object]) -> None:
    raw = write_canonical(index)
    entry = Entry(INDEX_NAME, len(raw), 0, 0)
    central = entry.central()
    path = tmp_path / "card.zip"
    path.write_bytes(entry.local() + raw + central + End(1, len(central), entry.end).raw())
    with pytest.raises(BrokenCard, match="index cannot be read"):
        open_card([path])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.data())
def test_of_a_card_with_changed_bytes_only_what_a_header_says_is_given(tmp_path: Path, data: some.DataObject) -> None:
    """Whatever changes, nothing else than `BundleError` is raised, and no object is longer than it says."""
    path = card_of(tmp_path, *CONTENTS).files[0].path
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(some.integers(1, 4))):
        raw[data.draw(some.integers(0, len(raw) - 1))] = data.draw(some.integers(0, 255))
    path.write_bytes(raw)
    try:
        card = open_card([path])
        for digest in card.digests():
            assert len(card.read(digest)) == card.size(digest) <= len(raw)
    except BundleError:
        pass
    assert FolderStore(tmp_path / "behind the card").has(sha256(CONTENTS[0]).hexdigest())
