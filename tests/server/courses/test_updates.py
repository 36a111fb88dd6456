"""Updates between releases: the last few pairs are made when a release is published, all others when they are asked."""

from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from offline_bundles import objects_of, read_update
from server.courses.updates import RELEASES_BEHIND_PREPARED, Updates, known_since, published_before
from server.errors import NotFound
from server.serving.encodings import Compressed
from tests.offline_bundles.courses import course_folder
from tests.server.places import Place, opened


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Place]:
    with opened(tmp_path / "town", seed=1) as place:
        yield place


@pytest.fixture
def roots(town: Place, tmp_path: Path) -> list[str]:
    """Six published releases, each with another page."""
    folder = course_folder(tmp_path / "course")
    made = []
    for number in range(6):
        (folder / "pages" / "b.md").write_text(f"# {number}\n")
        made.append(town.publish(folder).root)
    return made


@pytest.fixture
def updates(town: Place, tmp_path: Path) -> Updates:
    return Updates(tmp_path / "updates", town.store, Compressed())


def test_the_last_few_pairs_are_those_before_the_newest(town: Place, roots: list[str]) -> None:
    with town.database.reading() as session:
        assert published_before(session, roots[-1]) == roots[-2 : -2 - RELEASES_BEHIND_PREPARED : -1]


def test_prepared_or_not_an_update_brings_all_that_is_new(town: Place, roots: list[str], updates: Updates) -> None:
    with town.database.reading() as session:
        updates.prepare(roots[-1], published_before(session, roots[-1]))
    needed = {ref.digest for ref in objects_of(roots[-1], town.store)}
    for since in roots[:-1]:
        held = {ref.digest for ref in objects_of(since, town.store)}
        came = {digest for digest, _ in read_update(updates.of(roots[-1], since, ""))}
        assert came == needed - held


def test_after_a_cut_an_update_goes_on_behind_what_came(roots: list[str], updates: Updates) -> None:
    updates.prepare(roots[-1], [])
    whole = list(read_update(updates.of(roots[-1], "", "")))
    for after in (1, len(whole) - 1, len(whole)):
        rest = brotli.decompress(updates.of(roots[-1], "", "br", after))
        assert list(read_update(rest)) == whole[after:]


def test_what_is_prepared_is_no_larger_than_what_is_composed(roots: list[str], updates: Updates) -> None:
    composed = updates.of(roots[-1], roots[-2], "br")
    updates.prepare(roots[-1], [roots[-2]])
    assert len(updates.of(roots[-1], roots[-2], "br")) <= len(composed)


def test_only_a_release_of_the_same_course_counts_as_held(town: Place, roots: list[str]) -> None:
    with town.database.reading() as session:
        assert known_since(session, roots[-1], roots[0]) == roots[0]
        assert known_since(session, roots[-1], "00" * 32) == ""
        with pytest.raises(NotFound):
            known_since(session, "00" * 32, roots[0])


def test_what_was_prepared_for_a_release_goes_with_it(roots: list[str], updates: Updates) -> None:
    for root in roots[-2:]:
        updates.prepare(root, [])
    updates.drop_all_but(frozenset(roots[-1:]))
    assert [path.parent.name for path in updates.folder.glob("*/*")] == roots[-1:]
